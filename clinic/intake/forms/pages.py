"""What a patient sent with a page of a form: answers, what was wrong, and what was asked for.

Nothing is trusted: names, numbers and options that the form does not have are left out.
"""

from collections.abc import Iterable

from werkzeug.datastructures import MultiDict

from clinic.intake.rules.controls import is_asked
from clinic.intake.rules.form import DISPLAY, Item
from clinic.intake.rules.names import field_name, is_repeated
from clinic.intake.rules.sections import Section
from clinic.intake.rules.sent import Sent
from clinic.intake.rules.typed import Wrong, read_typed
from clinic.intake.rules.working import BLANK, Answers
from clinic.web.typed import printable

MOST_REPETITIONS = 60
LONGEST_TYPED = 30_000


def read_page(*, section: Section, stored: Answers, values: "MultiDict[str, str]") -> Sent:
    """Read a page over what is stored: what it did not show stays as it is there."""
    kept = {
        name: [printable(text[:LONGEST_TYPED]) for text in listed]
        for name, listed in values.lists()
    }
    sent = Sent(shown=frozenset(values.get("shown", "").split(",")), values=kept)
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
    count = _count(sent.first(f"{field_name(item)}-count"))
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
