"""How hard a text is: the Flesch-Kincaid grade, with syllables counted by rule.

Kincaid et al. 1975: 0.39 words per sentence + 11.8 syllables per word - 15.59. Names of diseases,
medicines and languages are on a list of words that patients know by sight and count two syllables.
"""

import re

WORDS = """
osteoporosis ankylosing spondylitis ulcerative colitis psoriasis rheumatoid arthritis
compensation american african hawaiian hispanic eastern estrogen prednisone levaquin cipro
epilepsy ultrasound latex physical therapist therapy chiropractor insurance pacemaker
medicine medicines operation operations injection inflammatory antibiotic analysis
emergency interpreter diabetes allergies allergy
"""
KNOWN = frozenset(WORDS.split())
_WORD = re.compile(r"[A-Za-z']+")
_SENTENCE = re.compile(r"[.?!:;]+(?:\s|$)|\n")
_VOWELS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """Groups of vowels, a silent e at the end left out; at least one."""
    word = word.lower().strip("'")
    if word in KNOWN:
        return 2
    found = len(_VOWELS.findall(word))
    if word.endswith("e") and not word.endswith("le") and found > 1:
        found -= 1
    if word.endswith("ed") and not word.endswith(("ted", "ded")) and found > 1:
        found -= 1
    return max(found, 1)


def grade(texts: list[str]) -> float:
    """The school grade at which the texts, one after the other, can be read."""
    words = [word for text in texts for word in _WORD.findall(text)]
    sentences = sum(
        max(1, len([part for part in _SENTENCE.split(text) if _WORD.search(part)]))
        for text in texts
        if _WORD.search(text)
    )
    if not words:
        return 0.0
    spoken = sum(syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * spoken / len(words) - 15.59
