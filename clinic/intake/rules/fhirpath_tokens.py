"""The words of FHIRPath."""

import re
from dataclasses import dataclass

from clinic.intake.rules.fhirpath import LONGEST, FhirPathError

_WORD = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)
    |(?P<date>@(?:[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)?
        (?:T(?:[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?)?)
    |(?P<number>[0-9]+(?:\.[0-9]+)?)
    |(?P<text>'(?:[^'\\]|\\.)*')
    |(?P<quoted>`(?:[^`\\]|\\.)*`)
    |(?P<variable>%(?:[A-Za-z_][A-Za-z0-9_-]*|`[^`]*`|'[^']*'))
    |(?P<special>\$(?:this|index|total))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign><=|>=|!=|!~|[-+*/&|=~<>().,{}\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word; `kind` is a group of the pattern above, or "end"."""

    kind: str
    text: str
    at: int


END = "end"


def tokens(*, text: str) -> list[Token]:
    """All words, with one that says the end. Raises FhirPathError at what is none."""
    if len(text) > LONGEST:
        raise FhirPathError(f"the expression is longer than {LONGEST} characters")
    found, at = [], 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None or match.end() == at:
            raise FhirPathError(f"the expression cannot be read at character {at + 1}")
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match.group(), at))
        at = match.end()
    return [*found, Token(END, "", at)]


def unquoted(word: str) -> str:
    """The text between quotes, escapes resolved."""
    return _ESCAPE.sub(_resolved, word[1:-1])


def _resolved(match: "re.Match[str]") -> str:
    sign = match.group(1)
    return chr(int(sign[1:], 16)) if len(sign) > 1 else _ESCAPED.get(sign, sign)
