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
    if len(_without(normal.casefold(), context)) < OWN_SIGNS:
        return "Do not build it from your name, your e-mail address or the clinic's name."
    return None


def _without(password: str, context: Iterable[str]) -> str:
    words = {word.casefold() for text in context for word in _WORD.findall(normal_password(text))}
    for word in sorted(words, key=len, reverse=True):
        password = password.replace(word, "")
    return password
