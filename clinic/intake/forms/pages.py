"""What a patient sent with a page of a form: answers, what was wrong, and what was asked for.

Nothing is trusted: names, numbers and options that the form does not have are left out.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from clinic.intake.rules.controls import Control, control_of, is_asked
from clinic.intake.rules.form import DISPLAY, Item
from clinic.intake.rules.names import field_name, is_repeated
from clinic.intake.rules.sections import Section
from clinic.intake.rules.sent import Sent
from clinic.intake.rules.typed import Wrong, read_files, read_typed
from clinic.intake.rules.working import BLANK, Answers
from clinic.web.typed import printable

MOST_REPETITIONS = 60
LONGEST_TYPED = 30_000
REPEATED = re.compile(r"q([0-9]{1,5})-([0-9]{1,3})(-.*)?", re.DOTALL)


def read_page(
    *,
    section: Section,
    stored: Answers,
    values: "MultiDict[str, str]",
    files: Mapping[str, dict[str, Any]] | None = None,
) -> Sent:
    """Read a page over what is stored: what it did not show stays as it is there.

    ``files`` are the patient's own files, as FHIR Attachments by their public ids; a page that
    names any other names none.
    """
    kept = {
        name: [printable(text[:LONGEST_TYPED]) for text in listed]
        for name, listed in values.lists()
    }
    shown = frozenset(values.get("shown", "").split(","))
    sent = Sent(shown=shown, values=kept, files=files or {})
    asked = values.get("do", "")
    for item in section.units:
        if is_repeated(item):
            _read_group(item, _remove(item, stored, sent, asked), sent)
        elif is_asked(item) and field_name(item) in sent.shown:
            _read_question(item, (), sent, sent.answers)
    sent.more = asked.removeprefix("add:") if asked.startswith("add:") else ""
    return sent


def _remove(group: Item, stored: Answers, sent: Sent, asked: str) -> list[Any]:
    """What is stored of a group without the repetition that is to go; in what was sent the later
    ones move up into its place, so that each keeps what was typed into it, right or wrong."""
    known, count = stored.get(group.link_id, []), _count(sent.first(f"{field_name(group)}-count"))
    names = (field_name(group, (number,)) for number in range(min(count, MOST_REPETITIONS)))
    gone = next((at for at, name in enumerate(names) if asked == f"remove:{name}"), None)
    if gone is None:
        return known
    orders = {str(item.order) for item in _below(group)}
    moved: dict[str, Sequence[str]] = {}
    for name, listed in sent.values.items():
        renamed = _moved_up(name, orders, gone)
        if renamed is not None:
            moved[renamed] = listed
    moved[f"{field_name(group)}-count"] = [str(count - 1)]
    sent.values = moved
    sent.shown = frozenset(
        renamed for name in sent.shown if (renamed := _moved_up(name, orders, gone)) is not None
    )
    return [one for number, one in enumerate(known) if number != gone]


def _moved_up(name: str, orders: set[str], gone: int) -> str | None:
    """The name of a control once the repetition is gone; None where it went with it."""
    found = REPEATED.fullmatch(name)
    if found is None or found[1] not in orders or int(found[2]) < gone:
        return name
    number = int(found[2])
    return None if number == gone else f"q{found[1]}-{number - 1}{found[3] or ''}"


def _below(group: Item) -> Iterable[Item]:
    for item in group.children:
        yield item
        yield from _below(item)


def _read_group(item: Item, known: list[Any], sent: Sent) -> None:
    """All repetitions of a group; those without an answer are left out."""
    if f"{field_name(item)}-count" not in sent.values:
        return
    count = _count(sent.first(f"{field_name(item)}-count"))
    found: list[Answers] = []
    for number in range(min(max(count, len(known)), MOST_REPETITIONS)):
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
        if control_of(item) is Control.FILE:
            named = [sent.files[one] for one in sent.typed(name) if one in sent.files]
            into[item.link_id] = read_files(item=item, named=named)
            return
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
