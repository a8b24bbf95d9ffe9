"""The short reference of a visit, or of a request for one, that people read out on the phone.

It is the number in disguise, so it is unique and nothing is stored: six signs without
those that look alike, in an order that does not tell how many visits there were that day. It opens
nothing; who asks with it is staff.
"""

from hashlib import sha256

SIGNS = "23456789CDFHJKMNPRTWXY"
"""No 0 O Q, 1 I L, B, G, S, U V, Z, and no A E: they look like others, or make words."""

HALF = len(SIGNS) ** 3
MOST = HALF * HALF
ROUNDS = 4
REQUEST = "R"


def reference_of(number: int) -> str:
    """`KX4-7QM` of a visit's number, from 1 to 113 million; ValueError beyond."""
    if not 0 <= number < MOST:
        raise ValueError(f"no reference for number {number}")
    left, right = divmod(number, HALF)
    for turn in range(ROUNDS):
        left, right = right, (left + _mix(turn, right)) % HALF
    return f"{_signs(left)}-{_signs(right)}"


def request_reference(number: int) -> str:
    """`R-KX4-7QM` of a visit request's number: nobody takes it for a visit's."""
    return f"{REQUEST}-{reference_of(number)}"


def request_number_of(reference: str) -> int | None:
    """The number of the request that a text means; None for what can be none."""
    text = reference.strip().upper()
    return number_of(text.removeprefix(REQUEST)) if text.startswith(REQUEST) else None


def number_of(reference: str) -> int | None:
    """The number behind a reference as somebody typed it; None for what can be none."""
    signs = [sign for sign in reference.upper() if sign not in " -.\u2011\u2013"]
    if len(signs) != 6 or any(sign not in SIGNS for sign in signs):
        return None
    left, right = _value(signs[:3]), _value(signs[3:])
    for turn in reversed(range(ROUNDS)):
        left, right = (right - _mix(turn, left)) % HALF, left
    return left * HALF + right


def _mix(turn: int, half: int) -> int:
    return int.from_bytes(sha256(f"visit {turn} {half}".encode()).digest()[:8]) % HALF


def _signs(half: int) -> str:
    base = len(SIGNS)
    return SIGNS[half // base**2] + SIGNS[half // base % base] + SIGNS[half % base]


def _value(signs: list[str]) -> int:
    value = 0
    for sign in signs:
        value = value * len(SIGNS) + SIGNS.index(sign)
    return value
