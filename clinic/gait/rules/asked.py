"""What a form asked for, as one short text: the same form sent again is known by it. Pure."""

from hashlib import sha256


def fingerprint(*said: object) -> str:
    """64 hexadecimal digits of what was said, in that order."""
    return sha256(repr(said).encode()).hexdigest()
