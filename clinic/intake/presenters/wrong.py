"""What is wrong with what was typed, in words."""

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.intake.rules.typed import Wrong


def sentence_of(wrong: Wrong, *, question: str) -> str:
    """What is wrong with an answer, as the page says it beside the field and in the summary: there
    it stands far from its question, so it names it."""
    return about_question(_said(wrong), question=question)


def about_question(sentence: str, *, question: str) -> str:
    """A sentence with the question that it is about."""
    said = sentence.rstrip(".")
    return str(_("%(sentence)s: %(question)s", sentence=said, question=question))


def _said(wrong: Wrong) -> str:
    bounds = wrong.bounds
    if wrong.kind in {"too-small", "too-large"}:
        return _bounds_sentence(bounds.get("low"), bounds.get("high"))
    if wrong.kind == "too-long":
        most = int(str(bounds.get("most", 0)))
        return str(
            ngettext("Use at most %(num)d character", "Use at most %(num)d characters", most)
        )
    if wrong.kind == "too-many-files":
        return str(_("At most %(most)s files fit here", most=bounds.get("most")))
    if wrong.kind == "file":
        return str(bounds.get("words"))
    if wrong.kind == "excludes":
        return str(_("“%(option)s” does not go with another answer", option=bounds.get("option")))
    return _sentences().get(wrong.kind) or str(_("Check your answer"))


def _bounds_sentence(low: object, high: object) -> str:
    if low is not None and high is not None:
        return str(_("Enter a number from %(low)s to %(high)s", low=low, high=high))
    if low is not None:
        return str(_("Enter %(low)s or more", low=low))
    return str(_("Enter %(high)s or less", high=high))


def _sentences() -> dict[str, str]:
    return {
        "missing": str(_("Answer this question")),
        "no-number": str(_("Enter a number, such as 3 or 2.5")),
        "not-whole": str(_("Enter a whole number, such as 3")),
        "no-year": str(_("Enter the year; day and month may stay empty")),
        "no-month": str(_("Enter the month too, or leave the day empty")),
        "no-day": str(_("Enter the whole date")),
        "bad-year": str(_("The year must have four digits, for example 2024")),
        "bad-month": str(_("The month must be a number from 1 to 12")),
        "bad-day": str(_("There is no such day in that month")),
        "bad-time": str(_("Enter a time, such as 9:30 AM")),
        "other-missing": str(_("Say what else it is")),
        "too-many": str(_("Enter fewer lines")),
    }
