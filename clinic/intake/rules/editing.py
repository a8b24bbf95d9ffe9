"""A form's texts, order and options changed by hand; everything else of it stays. Pure."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from clinic.intake.rules.form import Form, Item, Option
from clinic.intake.rules.sections import Section

_NOT_IN_CODES = re.compile(r"[^a-z0-9]+")
LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class OptionChange:
    """An option by its number in the form as it stands; without a text it is left out."""

    number: int
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What an item is to be. ``position`` counts from 1 among those beside it; two that are the
    same stay in their order. ``options`` is None where they are not changed here."""

    text: str
    position: int
    is_required: bool = False
    is_left_out: bool = False
    options: tuple[OptionChange, ...] | None = None
    added: tuple[str, ...] = ()


@dataclass(slots=True)
class Edited:
    """Changes by linkId, and by the control's name what is wrong with what was typed; ``places``
    are those that are no numbers, as they were typed."""

    changes: dict[str, ItemChange] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def editable_items(*, section: Section) -> tuple[Item, ...]:
    """What stands on a page, its groups too, in order."""
    return tuple(_walk(section.items))


def has_editable_options(item: Item) -> bool:
    """Whether its options stand in the form itself and are words."""
    listed = item.raw.get("answerOption")
    return isinstance(listed, list) and all(option_text(option) for option in item.options)


def option_text(option: Option) -> str:
    """The words of an option that can be written anew; "" for numbers and dates."""
    return option.display if option.value.kind in {"Coding", "String"} else ""


def left_alone(*, form: Form, changes: Mapping[str, ItemChange]) -> dict[str, tuple[str, ...]]:
    """By the linkId of what is left out, the questions that stay and are asked only after it, or
    after something in it."""
    gone: dict[str, str] = {}
    for item in form.items:
        above = (item, *item.ancestors())
        out = [one.link_id for one in above if _is_out(changes.get(one.link_id))]
        if out:
            gone[item.link_id] = out[-1]
    found: dict[str, dict[str, None]] = {}
    for item in form.items:
        for condition in item.conditions if item.link_id not in gone else ():
            if condition.question in gone:
                named = item.text or (item.parent.text if item.parent is not None else "")
                found.setdefault(gone[condition.question], {})[named or item.link_id] = None
    return {link_id: tuple(texts) for link_id, texts in found.items()}


def asked_after(*, form: Form, item: Item) -> dict[int, str]:
    """By the number of an option of ``item``, a question that is asked after that answer only."""
    numbers = {option.value.key: number for number, option in enumerate(item.options)}
    found: dict[int, str] = {}
    for other in form.items:
        for condition in other.conditions:
            number = numbers.get(condition.value.key)
            if condition.question == item.link_id and number is not None:
                found.setdefault(number, other.text or other.link_id)
    return found


def _is_out(change: ItemChange | None) -> bool:
    return change is not None and change.is_left_out


def changed_form(*, form: Form, changes: Mapping[str, ItemChange]) -> dict[str, Any]:
    """The FHIR JSON with these changes by linkId. Translations of a changed text are dropped: they
    say something else."""
    raw: dict[str, Any] = copy.deepcopy(dict(form.raw))
    _change_below(raw, changes)
    return raw


def _walk(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _walk(tuple(item.children))


def _change_below(holder: dict[str, Any], changes: Mapping[str, ItemChange]) -> None:
    listed: list[dict[str, Any]] = holder.get("item") or []
    if not listed:
        return
    kept = []
    for number, item in enumerate(listed, start=1):
        change = changes.get(str(item.get("linkId")))
        if change is not None and change.is_left_out:
            continue
        if change is not None:
            _change(item, change)
        _change_below(item, changes)
        kept.append((change.position if change is not None else number, item))
    holder["item"] = [item for _at, item in sorted(kept, key=lambda one: one[0])]
    if not kept:
        del holder["item"]


def _change(item: dict[str, Any], change: ItemChange) -> None:
    if item.get("text") != change.text:
        item["text"] = change.text
        item.pop("_text", None)
    if item.get("type") not in {"group", "display"}:
        if change.is_required:
            item["required"] = True
        else:
            item.pop("required", None)
    if change.options is not None:
        _change_options(item, change)


def _change_options(item: dict[str, Any], change: ItemChange) -> None:
    listed = item.get("answerOption") or []
    wanted = {one.number: one for one in change.options or ()}
    kept = []
    for number, option in enumerate(listed):
        one = wanted.get(number)
        if one is None or one.text:
            if one is not None:
                _rename(option, one.text)
            kept.append((one.position if one is not None else number + 1, option))
    ordered = [option for _at, option in sorted(kept, key=lambda one: one[0])]
    item["answerOption"] = [*ordered, *_new_options(ordered or listed, change.added)]


def _rename(option: dict[str, Any], text: str) -> None:
    coding = option.get("valueCoding")
    if isinstance(coding, dict):
        if coding.get("display") != text:
            coding["display"] = text
            coding.pop("_display", None)
    elif option.get("valueString") != text:
        option["valueString"] = text
        option.pop("_valueString", None)


def _new_options(beside: list[dict[str, Any]], texts: tuple[str, ...]) -> list[dict[str, Any]]:
    """Options like those beside them: words, or codes of the same system made from the words."""
    codings = [one["valueCoding"] for one in beside if isinstance(one.get("valueCoding"), dict)]
    if not codings:
        return [{"valueString": text} for text in texts]
    taken = {str(one.get("code")) for one in codings}
    found = []
    for text in texts:
        code = _free_code(text, taken)
        taken.add(code)
        shared = {"system": codings[0]["system"]} if "system" in codings[0] else {}
        found.append({"valueCoding": {**shared, "code": code, "display": text}})
    return found


def _free_code(text: str, taken: set[str]) -> str:
    plain = _NOT_IN_CODES.sub("-", text.lower()).strip("-")[:LONGEST_CODE].strip("-") or "option"
    code, number = plain, 1
    while code in taken:
        number += 1
        code = f"{plain}-{number}"
    return code
