"""From what somebody typed to answers, question by question. Pure: words are the forms' matter."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from clinic.intake.rules.answers import check_answer
from clinic.intake.rules.controls import Control, bounds_of, control_of, takes_other
from clinic.intake.rules.fhirpath import Budget
from clinic.intake.rules.form import Item, Option
from clinic.intake.rules.outcome import Issues
from clinic.intake.rules.state import Answer
from clinic.intake.rules.values import LEAST_INTEGER, MOST_INTEGER, read_value

LONGEST_LINE = 1_000
LONGEST_AREA = 20_000
MOST_FILES = 10
MOST_LINES = 50
MATCHING = 20_000_000
OTHER = "other"
DATE_PARTS = ("year", "month", "day")

_NUMBER = re.compile(r"[+-]?\d{1,15}([.,]\d{1,10})?")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})\s*([AaPp])?\.?[Mm]?\.?")

Typed = Callable[[str], Sequence[str]]
"""Suffix of the field's name ("" for itself) -> what was sent under it."""


class Wrong(Exception):
    """What was typed is no answer; ``kind`` says why, ``parts`` which inputs are meant."""

    def __init__(self, kind: str, *parts: str, **bounds: object) -> None:
        super().__init__(kind)
        self.kind = kind
        self.parts = parts
        self.bounds: Mapping[str, object] = bounds


@dataclass(frozen=True, slots=True)
class _Reader:
    item: Item
    typed: Typed

    def one(self, suffix: str = "") -> str:
        """What was typed in an input, trimmed; "" for nothing."""
        found = next(iter(self.typed(suffix)), "")
        return found.replace("\r\n", "\n").strip()


def read_files(*, item: Item, named: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to a question for files, given as FHIR Attachments; raises Wrong.

    A question for one file has the newest.
    """
    kept = named if item.repeats else named[-1:]
    if len(kept) > MOST_FILES:
        raise Wrong("too-many-files", most=MOST_FILES)
    found = [{"valueAttachment": attachment} for attachment in kept]
    for answer in found:
        _check(item, answer)
    return found


def read_typed(*, item: Item, typed: Typed) -> list[dict[str, Any]]:
    """The answers to a question; raises Wrong. Files are read by ``read_files``."""
    reader = _Reader(item, typed)
    found = _READERS[control_of(item)](reader)
    for answer in found:
        _check(item, answer)
    return found


def _check(item: Item, answer: dict[str, Any]) -> None:
    """Whatever else the form asks of an answer."""
    (key, raw), *_ = answer.items()
    kind = key.removeprefix("value")
    value = read_value(kind=kind, raw=raw)
    if isinstance(value, str):
        raise Wrong("wrong")
    low, high = bounds_of(item)
    amount = raw.get("value") if isinstance(raw, dict) else raw
    if isinstance(amount, int | Decimal) and not isinstance(amount, bool):
        if low is not None and amount < low:
            raise Wrong("too-small", low=low, high=high)
        if high is not None and amount > high:
            raise Wrong("too-large", low=low, high=high)
    issues = Issues()
    check_answer(
        answer=Answer(answer, "", value, "", kind),
        item=item,
        issues=issues,
        matching=Budget(MATCHING),
    )
    if issues.refused:
        longest = item.max_length
        if isinstance(raw, str) and longest is not None and len(raw) > longest:
            raise Wrong("too-long", most=longest)
        raise Wrong("wrong")


def _options(reader: _Reader) -> list[dict[str, Any]]:
    chosen = list(reader.typed(""))
    if not reader.item.repeats:
        chosen = chosen[:1]
    found = [_of_option(reader.item.options[number]) for number in _numbers(reader, chosen)]
    if not takes_other(reader.item):
        return found
    text = reader.one("-other")
    if OTHER in chosen or (text and not found):
        if not text:
            raise Wrong("other-missing", "other")
        found.append({"valueString": _short(text, LONGEST_LINE)})
    return found


def _numbers(reader: _Reader, chosen: Sequence[str]) -> list[int]:
    """The chosen options in the form's order; one that excludes others stands alone."""
    known = {str(number): number for number in range(len(reader.item.options))}
    numbers = sorted({known[text] for text in chosen if text in known})
    alone = [number for number in numbers if reader.item.options[number].exclusive]
    if alone and len(numbers) > 1:
        raise Wrong("excludes", option=reader.item.options[alone[0]].display)
    return numbers


def _of_option(option: Option) -> dict[str, Any]:
    return {f"value{option.value.kind}": option.value.raw}


def _yes_no(reader: _Reader) -> list[dict[str, Any]]:
    found = {"yes": True, "no": False}.get(reader.one())
    return [] if found is None else [{"valueBoolean": found}]


def _number(reader: _Reader) -> list[dict[str, Any]]:
    text = reader.one()
    return [_amount(reader.item, text)] if text else []


def _amount(item: Item, text: str) -> dict[str, Any]:
    value = _decimal(text)
    if item.type != "integer":
        return {"valueDecimal": value}
    if value != value.to_integral_value():
        raise Wrong("not-whole")
    if not LEAST_INTEGER <= value <= MOST_INTEGER:
        raise Wrong("no-number")
    return {"valueInteger": int(value)}


def _decimal(text: str) -> Decimal:
    plain = text.replace(" ", "")
    if not _NUMBER.fullmatch(plain) or not plain.isascii():
        raise Wrong("no-number")
    try:
        return Decimal(plain.replace(",", "."))
    except InvalidOperation:
        raise Wrong("no-number") from None


def units_of(item: Item) -> list[dict[str, Any]]:
    """The units that a quantity may be given in; the first is offered first."""
    if item.limits.units:
        return item.limits.units
    return [item.limits.unit] if item.limits.unit else []


def _quantity(reader: _Reader) -> list[dict[str, Any]]:
    text = reader.one()
    if not text:
        return []
    quantity: dict[str, Any] = {"value": _decimal(text)}
    units = units_of(reader.item)
    chosen = reader.one("-unit")
    if units:
        number = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 4 else 0
        unit = units[number] if number < len(units) else units[0]
        quantity["unit"] = unit.get("display") or unit.get("code")
        quantity.update({key: unit[key] for key in ("system", "code") if key in unit})
    return [{"valueQuantity": quantity}]


def _date(reader: _Reader) -> list[dict[str, Any]]:
    found = _date_text(reader)
    return [{"valueDate": found}] if found else []


def _date_text(reader: _Reader) -> str:
    """YYYY, YYYY-MM or YYYY-MM-DD: only roughly known is known (FHIR's partial dates)."""
    typed = {part: reader.one(f"-{part}") for part in DATE_PARTS}
    if not any(typed.values()):
        return ""
    if not typed["year"]:
        raise Wrong("no-year", "year")
    numbers = {part: _date_number(part, text) for part, text in typed.items() if text}
    if "day" in numbers and "month" not in numbers:
        raise Wrong("no-month", "month")
    if not 1 <= numbers.get("month", 1) <= 12:
        raise Wrong("bad-month", "month")
    try:
        date(numbers["year"], numbers.get("month", 1), numbers.get("day", 1))
    except ValueError:
        raise Wrong("bad-day", "day") from None
    return "-".join(f"{numbers[part]:0{4 if part == 'year' else 2}d}" for part in numbers)


def _date_number(part: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 4:
        raise Wrong(f"bad-{part}", part)
    if part == "year" and len(text) != 4:
        raise Wrong("bad-year", part)
    return int(text)


def _date_time(reader: _Reader) -> list[dict[str, Any]]:
    day, text = _date_text(reader), reader.one("-time")
    if not day:
        if text:
            raise Wrong("no-year", "year")
        return []
    if not text:
        return [{"valueDateTime": day}]
    if len(day) != 10:
        raise Wrong("no-day", "day")
    return [{"valueDateTime": f"{day}T{_clock(text)}Z"}]


def _time(reader: _Reader) -> list[dict[str, Any]]:
    text = reader.one()
    return [{"valueTime": _clock(text)}] if text else []


def _clock(text: str) -> str:
    found = _TIME.fullmatch(text)
    if found is None or not text.isascii():
        raise Wrong("bad-time", "time")
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise Wrong("bad-time", "time")
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        raise Wrong("bad-time", "time")
    return f"{hour:02d}:{minute:02d}:00"


def _line(reader: _Reader) -> list[dict[str, Any]]:
    text = reader.one()
    kind = "valueUri" if reader.item.type == "url" else "valueString"
    return [{kind: _short(text, LONGEST_LINE)}] if text else []


def _area(reader: _Reader) -> list[dict[str, Any]]:
    text = reader.one()
    return [{"valueString": _short(text, LONGEST_AREA)}] if text else []


def _lines(reader: _Reader) -> list[dict[str, Any]]:
    listed = [line.strip() for line in reader.one().split("\n") if line.strip()]
    if len(listed) > MOST_LINES:
        raise Wrong("too-many", most=MOST_LINES)
    return [_line_answer(reader.item, line) for line in listed]


def _line_answer(item: Item, line: str) -> dict[str, Any]:
    if item.type in {"integer", "decimal"}:
        return _amount(item, line)
    kinds = {"string": "String", "url": "Uri", "date": "Date", "time": "Time"}
    value = _clock(line) if item.type == "time" else _short(line, LONGEST_LINE)
    return {f"value{kinds[item.type]}": value}


def _short(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Wrong("too-long", most=longest)
    return text


def _nothing(_reader: _Reader) -> list[dict[str, Any]]:
    return []


_READERS: Mapping[Control, Callable[[_Reader], list[dict[str, Any]]]] = {
    Control.RADIOS: _options,
    Control.SELECT: _options,
    Control.CHECKS: _options,
    Control.YES_NO: _yes_no,
    Control.SCALE: _number,
    Control.NUMBER: _number,
    Control.QUANTITY: _quantity,
    Control.DATE: _date,
    Control.DATE_TIME: _date_time,
    Control.TIME: _time,
    Control.LINE: _line,
    Control.LINES: _lines,
    Control.AREA: _area,
    Control.FILE: _nothing,
    Control.NOTHING: _nothing,
}
