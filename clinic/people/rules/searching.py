"""Finding a patient by what somebody heard on the phone: trigrams to look up, distances to rank.

A name is kept as the trigrams of its words, padded so that beginnings weigh more ("  m", " ma",
"mar"). What was typed is cut the same way; who shares most is looked at closely, by the
Damerau-Levenshtein distance of words (optimal string alignment, Boytsov 2011).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from clinic.people.rules.names import name_key

LONGEST_ASKED = 100
MOST_WORDS = 6
PHONE_TAILS = (4, 7)
"""How many last digits of a number people say: the extension, or all but the area code."""
LONG_WORD = 4
PER_SLIP = 4
"""Letters that a word needs for each typing slip: in a short one a slip makes another name."""
_DATES = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"),
    re.compile(r"(?P<month>[0-9]{1,2})[/.-](?P<day>[0-9]{1,2})[/.-](?P<year>[0-9]{4})"),
)
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
"""In a key that is plain ASCII."""
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{2,}[0-9]")
_HOME_CODE = "1"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, taken apart: words of a name, a date of birth, digits of a phone number."""

    words: tuple[str, ...] = ()
    birth_date: date | None = None
    digits: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.words or self.birth_date or self.digits)


def read_asked(text: str) -> Asked:
    """Take apart what was typed in any order: ``smith 3/14/1984``, ``212 555 0100``, ``mar ga``."""
    text = text[:LONGEST_ASKED]
    born, text = _cut_date(text)
    found = _PHONE.search(text)
    digits = re.sub(r"[^0-9]", "", found.group()) if found else ""
    if found:
        text = text.replace(found.group(), " ", 1)
    words = tuple(word for word in words_of(text) if not word.isdecimal())
    return Asked(words[:MOST_WORDS], born, digits)


def _cut_date(text: str) -> tuple[date | None, str]:
    for shape in _DATES:
        found = shape.search(text)
        if found is None:
            continue
        try:
            born = date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            continue
        return born, text.replace(found.group(), " ", 1)
    return None, text


def words_of(name: str) -> list[str]:
    """The words of a name as searched: case folded, without accents and punctuation."""
    key = name_key(name)
    if key.isascii():
        return _BETWEEN_WORDS.sub(" ", key.replace("'", "")).split()
    folded = unicodedata.normalize("NFKD", key)
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    apart = "".join(sign if sign.isalnum() else " " for sign in bare if sign not in "'’")
    return apart.split()


def trigrams_of(words: Iterable[str]) -> set[str]:
    """The padded trigrams of words: ``  m``, `` ma``, ``mar``, ``ar ``."""
    found: set[str] = set()
    for word in words:
        padded = f"  {word} "
        found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return found


def telling_trigrams(words: Sequence[str]) -> set[str]:
    """The trigrams to look up: of longer words not the first letter and the last two alone.

    They tell little, and a twentieth of all people share each; who is looked at closely by the
    others is ranked by whole words anyway.
    """
    found: set[str] = set()
    for word in words:
        padded = f" {word}" if len(word) >= LONG_WORD else f"  {word} "
        found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return found


def search_keys(*, given_name: str, family_name: str, phone: str | None) -> set[str]:
    """Everything by which a record is found: trigrams of the names, last digits of the phone."""
    keys = trigrams_of([*words_of(given_name), *words_of(family_name)])
    return keys | phone_keys(phone or "")


def phone_keys(phone: str) -> set[str]:
    """``#0100`` and ``#5550100`` of a number."""
    digits = re.sub(r"[^0-9]", "", phone)
    return {f"#{digits[-many:]}" for many in PHONE_TAILS if len(digits) >= many}


def phone_beginnings(digits: str) -> tuple[str, ...]:
    """How a number in E.164 may begin that somebody has typed from its start."""
    typed = [f"+{_HOME_CODE}{digits}"]
    if digits.startswith(_HOME_CODE):
        typed.append(f"+{digits}")
    return tuple(typed)


def distance(*, asked: Sequence[str], name: Sequence[str]) -> float:
    """How far a name is from what was typed: 0 for the same, each typing slip counts about 1.

    Words may be in any order, and the beginning of one is nearly as good as all of it. What was
    typed without its space is compared with the whole name.
    """
    left = list(name)
    total = 0.0
    for word in sorted(asked, key=len, reverse=True):
        far, nearest = min(((_far(word, one), one) for one in left), default=(len(word) + 1, ""))
        if nearest:
            left.remove(nearest)
        total += far
    # A space left out, or one too many, makes other words of the same letters.
    return min(total, _as_one(asked, name)) if len(asked) != len(name) else total


def _as_one(asked: Sequence[str], name: Sequence[str]) -> float:
    typed, half = "".join(asked), len(name) // 2
    turned = [*name[half:], *name[:half]]
    return min(_far(typed, "".join(order)) for order in (name, turned)) + 0.2


def _far(typed: str, word: str) -> float:
    """The distance of two words, or more than all letters where slips cannot explain it."""
    allowed = max(1.3, len(typed) / PER_SLIP + 0.4)
    # Each slip brings one letter at most that the word does not have: most pairs end here.
    if len(set(typed) - set(word)) <= allowed:
        found = _word_distance(typed, word)
        if found <= allowed:
            return found
    return len(typed) + 1


def _word_distance(typed: str, word: str) -> float:
    """The least distance of ``typed`` to the word or one of its beginnings, which cost a little."""
    if typed == word:
        return 0.0
    before: list[int] = []
    last = list(range(len(word) + 1))
    for row, sign in enumerate(typed):
        line = [row + 1]
        for column, other in enumerate(word):
            best = min(last[column + 1], line[column]) + 1
            best = min(best, last[column] + (sign != other))
            if row and column and sign == word[column - 1] and typed[row - 1] == other:
                best = min(best, before[column - 1] + 1)
            line.append(best)
        before, last = last, line
    return min(float(last[-1]), min(last) + 0.3)
