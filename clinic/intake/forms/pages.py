"""What a patient sent with a page of a form: answers, what was wrong, and what was asked for.

Nothing is trusted: names, numbers and options that the form does not have are left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from clinic.intake.rules.controls import is_asked
from clinic.intake.rules.form import DISPLAY, Item
from clinic.intake.rules.names import field_name, is_repeated
from clinic.intake.rules.sections import Section
from clinic.intake.rules.typed import Wrong, read_typed
from clinic.intake.rules.working import BLANK, Answers
from clinic.web.typed import printable

MOST_REPETITIONS = 60
LONGEST_TYPED = 30_000


@dataclass(slots=True)
class Sent:
    """A page as it was sent. ``answers`` are of the questions it showed and that could be read.

    ``layout`` has the repetitions of groups as they stood on the page, empty ones too. ``wrong``
    maps the name of a control to what is wrong with it; ``typed`` gives back what stood in one.
    """

    answers: Answers = field(default_factory=dict)
    layout: Answers = field(default_factory=dict)
    wrong: dict[str, Wrong] = field(default_factory=dict)
    shown: frozenset[str] = frozenset()
    values: "MultiDict[str, str]" = field(default_factory=MultiDict)
    more: str = ""

    def typed(self, name: str) -> list[str]:
        """What was sent under a name, without characters that no page may hold."""
        return [printable(text[:LONGEST_TYPED]) for text in self.values.getlist(name)]


def read_page(*, section: Section, stored: Answers, values: "MultiDict[str, str]") -> Sent:
    """Read a page over what is stored: what it did not show stays as it is there."""
    sent = Sent(shown=frozenset(values.get("shown", "").split(",")), values=values)
    removed = values.get("do", "").removeprefix("remove:")
    for item in section.units:
        if is_repeated(item):
            _read_group(item, stored, sent, removed)
        elif is_asked(item) and field_name(item) in sent.shown:
            _read_question(item, (), sent, sent.answers)
    asked = values.get("do", "")
    sent.more = asked.removeprefix("add:") if asked.startswith("add:") else ""
    return sent


def _read_group(item: Item, stored: Answers, sent: Sent, removed: str) -> None:
    """All repetitions of a group; those without an answer are left out."""
    known = stored.get(item.link_id, [])
    count = _count(sent.values.get(f"{field_name(item)}-count", ""))
    if not count:
        return
    found: list[Answers] = []
    for number in range(min(max(count, len(known)), MOST_REPETITIONS)):
        if removed == field_name(item, (number,)):
            continue
        own: Answers = dict(known[number]) if number < len(known) else {}
        for child in _questions(item):
            if field_name(child, (number,)) in sent.shown:
                _read_question(child, (number,), sent, own)
        found.append({key: value for key, value in own.items() if value})
    sent.answers[item.link_id] = [one for one in found if one]
    sent.layout[item.link_id] = [one or {BLANK: []} for one in found]


def _read_question(item: Item, repetition: tuple[int, ...], sent: Sent, into: Answers) -> None:
    name = field_name(item, repetition)
    try:
        into[item.link_id] = read_typed(
            item=item, typed=lambda suffix: sent.typed(f"{name}{suffix}")
        )
    except Wrong as wrong:
        sent.wrong[name] = wrong


def _questions(group: Item) -> Iterable[Item]:
    for item in group.children:
        if item.is_question and is_asked(item):
            yield item
        if item.type != DISPLAY and not is_repeated(item):
            yield from _questions(item)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0


def sentence_of(wrong: Wrong) -> str:
    """What is wrong, as the page says it beside the field and in the summary."""
    bounds = wrong.bounds
    if wrong.kind in {"too-small", "too-large"}:
        return _bounds_sentence(bounds.get("low"), bounds.get("high"))
    if wrong.kind == "too-long":
        most = int(str(bounds.get("most", 0)))
        return str(
            ngettext("Use at most %(num)d character", "Use at most %(num)d characters", most)
        )
    if wrong.kind == "excludes":
        return str(_("“%(option)s” does not go with another answer", option=bounds.get("option")))
    return str(_sentences().get(wrong.kind) or _("Check this answer"))


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


def sort_names(names: Iterable[str]) -> Sequence[str]:
    """Names of controls in the order of the page."""
    return sorted(names, key=lambda name: [int(part) for part in name[1:].split("-")])
