"""Addresses inside our own site."""

import re
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.routing import IntegerConverter

SIGN_IN = "/sign-in"
PATIENT_SIGN_IN = "/portal/sign-in"
SECOND_FACTOR = "/account/second-factor"
PROVE_AGAIN = "/account/confirm"
NOTHING = "-"
"""Stands in an address for what can be the name of nothing; no id, token or slug is this."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")


class SmallNumber(IntegerConverter):
    """``<int:number>`` in a route: as many digits as every database can count with."""

    regex = "[0-9]{1,9}"


def init_numbers(app: Flask) -> None:
    """Let routes know no other numbers than small ones; before any of them is added."""
    app.url_map.converters["int"] = SmallNumber


def init_names(app: Flask) -> None:
    """Let views meet only ids, tokens and slugs in their address that might be some.

    The rest (control characters, other alphabets, endless text) no database could even compare.
    It becomes ``NOTHING``, so that every view answers it as it answers an id that is not there.
    Files are named freely: ``/static`` looks for itself.
    """
    app.before_request(_name_nothing)


def _name_nothing() -> None:
    if request.view_args is None or request.endpoint == "static":
        return
    for place, given in request.view_args.items():
        if isinstance(given, str) and not _NAME.fullmatch(given):
            request.view_args[place] = NOTHING


def local_path(address: str | None, *, otherwise: str) -> str:
    """``address`` when it is a path of this site, else ``otherwise``.

    Whatever a browser could take for another host is refused: ``//host``, ``/\\host``, a scheme,
    and characters that browsers drop before they read (tabs, line ends).
    """
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    if "\\" in address or any(ord(sign) <= ord(" ") or ord(sign) > ord("~") for sign in address):
        return otherwise
    try:
        parts = urlsplit(address)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else address
