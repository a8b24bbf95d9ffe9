"""Amounts of money as people type them."""

import re
from decimal import Decimal, InvalidOperation

_AMOUNT = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,2})?", re.ASCII)


def cents_of(text: str) -> int | None:
    """Cents of `420`, `420.50` or `$420`; None for what is no amount."""
    typed = text.strip().lstrip("$").replace(" ", "")
    if not _AMOUNT.fullmatch(typed):
        return None
    try:
        return int(Decimal(typed.replace(",", ".")) * 100)
    except InvalidOperation:
        return None
