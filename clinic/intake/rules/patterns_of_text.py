"""Regular expressions in linear time (RE2): a hostile pattern costs no more than its length.

RE2 has no look-around and no back references; a pattern that uses them is not supported.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LONGEST_PATTERN = 1000
LARGEST_PROGRAM = 6000
MEMORY = 1 << 20
SMALL_MEMORY = 1 << 16  # for patterns that are compiled again and again


class UnusablePattern(Exception):
    """A pattern that is none, or uses what RE2 does not have."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern."""

    compiled: Any
    size: int

    def fits(self, text: str) -> bool:
        """Whether the pattern describes the whole text, as FHIR means it."""
        return self.compiled.fullmatch(_storable(text)) is not None

    def finds(self, text: str) -> bool:
        """Whether the pattern occurs in the text."""
        return self.compiled.search(_storable(text)) is not None


def _storable(text: str) -> str:
    return text.encode(errors="replace").decode() if not text.isascii() else text


@lru_cache(maxsize=500)
def compile_pattern(*, text: str, memory: int = MEMORY) -> Pattern:
    """A pattern; `size` is its program's: matching costs at most size times the text's length.

    Raises UnusablePattern with a phrase that says why. `memory` in bytes bounds what is tried.
    """
    import re2  # with the standard library of C++: loaded where a form has a pattern

    if len(text) > LONGEST_PATTERN:
        raise UnusablePattern(f"the pattern is longer than {LONGEST_PATTERN} characters")
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    try:
        compiled = re2.compile(text, options)
    except re2.error as fault:
        said = fault.args[0] if fault.args else ""
        words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise UnusablePattern(f"the pattern cannot be used ({words})") from None
    except UnicodeEncodeError:
        raise UnusablePattern("the pattern has half a character in it") from None
    if compiled.programsize > LARGEST_PROGRAM:
        raise UnusablePattern("the pattern repeats too much")
    return Pattern(compiled, compiled.programsize)
