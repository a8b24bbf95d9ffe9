"""Addresses inside our own site."""

from urllib.parse import urlsplit

SIGN_IN = "/sign-in"
PATIENT_SIGN_IN = "/portal/sign-in"
SECOND_FACTOR = "/account/second-factor"
PROVE_AGAIN = "/account/confirm"


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
