"""Addresses inside our own site."""

from urllib.parse import urlsplit

from flask import Flask
from werkzeug.routing import BaseConverter

SIGN_IN = "/sign-in"
PATIENT_SIGN_IN = "/portal/sign-in"
SECOND_FACTOR = "/account/second-factor"
PROVE_AGAIN = "/account/confirm"


class PublicIdConverter(BaseConverter):
    """``<id:public_id>`` in a route: what may be a public id; all else is not found.

    Some of it no database could even compare (PostgreSQL takes no NUL).
    """

    regex = "[A-Za-z0-9_-]{1,64}"


def init_addresses(app: Flask) -> None:
    """Let routes say ``<id:...>``; before any of them is added."""
    app.url_map.converters["id"] = PublicIdConverter


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
