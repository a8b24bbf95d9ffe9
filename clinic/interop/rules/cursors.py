"""Where a list goes on: the last entry's start and number, in one opaque word."""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSIDE = re.compile(rb"(-?[0-9]{1,17})/([0-9]{1,18})")
_OUTSIDE = re.compile(r"[A-Za-z0-9_-]{1,60}")


def cursor_text(cursor: tuple[datetime, int]) -> str:
    """The word for a place in a list."""
    starts_at, number = cursor
    inside = f"{(starts_at - _EPOCH) // timedelta(microseconds=1)}/{number}"
    return base64.urlsafe_b64encode(inside.encode()).decode().rstrip("=")


def read_cursor(*, text: str) -> tuple[datetime, int]:
    """The place that the word stands for; ValueError for words that we never gave."""
    if not _OUTSIDE.fullmatch(text):
        raise ValueError("not a cursor")
    try:
        inside = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("not a cursor") from None
    match = _INSIDE.fullmatch(inside)
    if match is None:
        raise ValueError("not a cursor")
    try:
        return _EPOCH + timedelta(microseconds=int(match[1])), int(match[2])
    except OverflowError:
        raise ValueError("outside the calendar") from None
