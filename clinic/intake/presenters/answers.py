"""Answers in words, and as they are typed."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from flask_babel import format_date, format_time
from flask_babel import gettext as _

from clinic.intake.rules.alarms import words_of
from clinic.intake.rules.controls import Control, control_of
from clinic.intake.rules.form import Item
from clinic.intake.rules.typed import OTHER, units_of
from clinic.intake.rules.values import Value, read_value

_CLOCK = frozenset({"Date", "DateTime", "Time"})


def answer_words(answer: Mapping[str, Any]) -> str:
    """An answer as people read it; "" for what has no words."""
    kind, raw = _value(answer)
    if isinstance(raw, bool):
        return str(_("Yes") if raw else _("No"))
    if kind == "Coding":
        return str(raw.get("display") or raw.get("code") or "")
    if kind == "Quantity":
        unit = raw.get("unit") or raw.get("code") or ""
        return f"{plain_number(raw.get('value'))} {unit}".strip()
    if kind == "Date":
        return _date_words(str(raw))
    if kind == "DateTime":
        day, _separator, clock = str(raw).partition("T")
        return f"{_date_words(day)}, {_time_words(clock[:5])}" if clock else _date_words(day)
    if kind == "Time":
        return _time_words(str(raw)[:5])
    if kind in {"Attachment", "Reference"}:
        return str(raw.get("title") or _("A file"))
    return plain_number(raw)


def said_words(item: Item, value: Value) -> str:
    """An answer as clinicians read it: in the words that were offered, days and times in words."""
    if value.kind in _CLOCK:
        return answer_words({f"value{value.kind}": value.raw})
    return words_of(item=item, value=value)


def file_id(attachment: Mapping[str, Any]) -> str:
    """The public id of a kept file, as the address of its FHIR Attachment ends."""
    return str(attachment.get("url", "")).rpartition("/")[2]


def plain_number(value: object) -> str:
    """A number without needless zeros; other values as they are."""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def typed_values(item: Item, answers: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Suffix of the control's name -> what stands in it for these answers."""
    control = control_of(item)
    if control in {Control.RADIOS, Control.SELECT, Control.CHECKS}:
        return _chosen(item, answers)
    if control is Control.LINES:
        return {"": ["\n".join(plain_number(_value(one)[1]) for one in answers)]}
    if control is Control.FILE:
        return {"": [file_id(_value(one)[1]) for one in answers]}
    return _typed_value(item, control, _value(answers[0])[1]) if answers else {}


def _typed_value(item: Item, control: Control, raw: Any) -> dict[str, list[str]]:
    match control:
        case Control.YES_NO:
            return {"": ["yes" if raw else "no"]}
        case Control.DATE | Control.DATE_TIME:
            return _parts(str(raw))
        case Control.TIME:
            return {"": [str(raw)[:5]]}
        case Control.QUANTITY:
            return {"": [plain_number(raw.get("value"))], "-unit": [_unit_number(item, raw)]}
    return {"": [plain_number(raw)]}


def _chosen(item: Item, answers: list[dict[str, Any]]) -> dict[str, list[str]]:
    numbers = {option.value.key: str(number) for number, option in enumerate(item.options)}
    chosen, other = [], ""
    for answer in answers:
        kind, raw = _value(answer)
        value = read_value(kind=kind, raw=raw)
        key = None if isinstance(value, str) else value.key
        if key in numbers:
            chosen.append(numbers[key])
        elif kind == "String":
            chosen.append(OTHER)
            other = str(raw)
    return {"": chosen, "-other": [other]}


def _parts(text: str) -> dict[str, list[str]]:
    day, _separator, clock = text.partition("T")
    numbers = [part.lstrip("0") for part in day.split("-")]
    found = {
        f"-{name}": [part] for name, part in zip(("year", "month", "day"), numbers, strict=False)
    }
    return {**found, "-time": [clock[:5]]}


def _unit_number(item: Item, raw: dict[str, Any]) -> str:
    known = [unit.get("code") or unit.get("display") for unit in units_of(item)]
    wanted = raw.get("code") or raw.get("unit")
    return str(known.index(wanted)) if wanted in known else "0"


def _value(answer: Mapping[str, Any]) -> tuple[str, Any]:
    for key, raw in answer.items():
        if key.startswith("value"):
            return key.removeprefix("value"), raw
    return "", ""


def _date_words(text: str) -> str:
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 1:
        return text
    day = date(parts[0], parts[1], parts[2] if len(parts) > 2 else 1)
    return str(format_date(day, "long" if len(parts) > 2 else "MMMM y"))


def _time_words(text: str) -> str:
    return str(format_time(time.fromisoformat(text), "short"))
