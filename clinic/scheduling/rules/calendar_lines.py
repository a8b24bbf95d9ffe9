"""The lines of an iCalendar file (RFC 5545, 3.1 and 3.3.11; parameters by RFC 6868). Pure.

A general library builds a property from objects that each encode, check and fold anew; in a backlog
of confirmations that was more than half of what a mail cost. What a visit needs is these few lines.
"""

import re

LONGEST_LINE = 75
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_IN_PARAMETERS = str.maketrans({"^": "^^", '"': "^'", "\n": "^n"})


def words(text: str) -> str:
    """A value of type TEXT: what separates values is escaped, and so is the end of a line."""
    return _one_kind_of_end(text).translate(_ESCAPES)


def parameter(text: str) -> str:
    """The value of a parameter, in quotation marks."""
    return f'"{_one_kind_of_end(text).translate(_IN_PARAMETERS)}"'


def line(name: str, value: str) -> bytes:
    """A property, folded, with its CRLF; ``name`` brings its parameters, ``value`` is encoded.

    Nothing that comes in can begin another line: signs that cannot be printed are left out. Lines
    are cut at 75 octets, never inside a character or between an escape and what it escapes.
    """
    raw = _UNPRINTABLE.sub("", f"{name}:{value}").encode()
    if len(raw) <= LONGEST_LINE:
        return raw + b"\r\n"
    pieces, start, room = [], 0, LONGEST_LINE
    while len(raw) - start > room:
        end = _cut(raw, start, start + room)
        pieces.append(raw[start:end])
        start, room = end, LONGEST_LINE - 1  # the space that says that a line goes on
    pieces.append(raw[start:])
    return b"\r\n ".join(pieces) + b"\r\n"


def _cut(raw: bytes, start: int, end: int) -> int:
    while raw[end] & 0b1100_0000 == 0b1000_0000:
        end -= 1
    for escape in (b"\\", b"^"):
        piece = raw[start:end]
        if (len(piece) - len(piece.rstrip(escape))) % 2:
            return end - 1
    return end


def _one_kind_of_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
