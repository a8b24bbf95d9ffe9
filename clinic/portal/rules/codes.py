"""A code of six digits, as it is sent and as it is typed."""

import unicodedata
from datetime import timedelta

DIGITS = 6
LASTS = timedelta(minutes=10)
MOST_ATTEMPTS = 5
_SPACERS = frozenset(" -\t\u2010\u2011\u2012\u2013")


def clean_code(text: str) -> str:
    """The digits of a typed code, "" for what cannot be one.

    Mails are read aloud and copied with spaces; keyboards have digits of other scripts.
    """
    signs = (sign for sign in unicodedata.normalize("NFKC", text[:40]) if sign not in _SPACERS)
    code = "".join(str(unicodedata.decimal(sign, "?")) for sign in signs)
    return code if len(code) == DIGITS and code.isdecimal() else ""
