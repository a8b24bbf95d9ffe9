"""What a password of staff must be: long, and not made of what everybody can guess.

No rules of composition (OWASP ASVS 5.0, 6.2.5): they make passwords worse.
"""

import re
import unicodedata
from collections.abc import Iterable

SHORTEST = 12
LONGEST = 256
OWN_SIGNS = 8
"""How many characters must remain when the words that stand around it are taken out."""
FEWEST_DIFFERENT = 5
LOWEST_SCORE = 3
JUDGED = 32
"""How many characters are judged: the time that takes grows with more than their square (0.6 s at
worst for so many), and what is safe by its beginning is safe."""
_WORD = re.compile(r"[^\W_]{3,}")


def normal_password(password: str) -> str:
    """One spelling for one password: keyboards differ in how they compose letters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def password_fault(password: str, *, context: Iterable[str] = ()) -> str | None:
    """Why this password is not taken, as a sentence; None when it is good.

    ``context`` are texts whose words anybody would try first: the clinic's name, the person's name
    and e-mail address.
    """
    normal = normal_password(password)
    if len(normal) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Four words in a row make a good password."
    if len(normal) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if any("\ud800" <= sign <= "\udfff" for sign in normal):
        return "Use characters that a keyboard can type."
    if len(set(normal)) < FEWEST_DIFFERENT:
        return "Use more different characters."
    words = _words(context)
    if len(_without(normal.casefold(), words)) < OWN_SIGNS:
        return "Do not build it from your name, your e-mail address or the clinic's name."
    if _score(normal, words) < LOWEST_SCORE:
        return "This can be guessed. Four words that do not belong together are better."
    return None


def _words(context: Iterable[str]) -> list[str]:
    """The words of the context, the longest first."""
    words = {word.casefold() for text in context for word in _WORD.findall(normal_password(text))}
    return sorted(words, key=lambda word: (-len(word), word))


def _score(password: str, words: list[str]) -> int:
    """How hard the beginning of the password is to guess, 0 to 4, by zxcvbn (Wheeler, USENIX 2016).

    Loaded when somebody chooses a password, not with every server.
    """
    from zxcvbn import zxcvbn

    return int(zxcvbn(password[:JUDGED], user_inputs=words)["score"])


def _without(password: str, words: Iterable[str]) -> str:
    for word in words:
        password = password.replace(word, "")
    return password
