"""Passwords that everybody tries first, kept as a filter that ships with the product.

The file holds the first five bytes of the SHA-256 of each password (NFKC, case folded), sorted:
about one in ten million other passwords would be refused with them. Only passwords of 12 characters
or more are in it, shorter ones are refused anyway. Where they come from stands beside it, in
``common-passwords.json``; ``tools/build_common_passwords.py`` makes both.
"""

import functools
import hashlib
from bisect import bisect_left
from pathlib import Path

from clinic.people.rules.passwords import normal_password

FILE = Path(__file__).with_name("common-passwords.bin")
WIDTH = 5


def is_common(password: str) -> bool:
    """Whether the password is among those that were leaked or that attackers try first."""
    return shortened(password) in _Digests(_loaded())


def shortened(password: str) -> bytes:
    """What the filter keeps of a password."""
    plain = normal_password(password).casefold().encode(errors="replace")
    return hashlib.sha256(plain).digest()[:WIDTH]


@functools.cache
def _loaded() -> bytes:
    return FILE.read_bytes()


class _Digests:
    """The file as a sorted sequence, without an object for each entry."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw) // WIDTH

    def __getitem__(self, place: int) -> bytes:
        return self._raw[place * WIDTH : (place + 1) * WIDTH]

    def __contains__(self, wanted: bytes) -> bool:
        place = bisect_left(self, wanted)
        return place < len(self) and self[place] == wanted
