"""One answer against what its question asks of it."""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Callable
from decimal import Decimal
from re import compile as pattern

from clinic.intake.rules.fhirpath import Budget, TooCostly
from clinic.intake.rules.form import Item, Limits
from clinic.intake.rules.outcome import Code, Issues, Severity, shown
from clinic.intake.rules.resource_types import RESOURCE_TYPES
from clinic.intake.rules.state import Answer
from clinic.intake.rules.values import Value, below, number

Check = Callable[[Value, Item, str, Issues], None]

_LINE_ENDS = frozenset("\r\n")
_REFERENCE = pattern(
    r"(?:[a-z][a-z0-9+.-]*://\S+/)?([A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/\S+)?"
)


def check_answer(*, answer: Answer, item: Item, issues: Issues, matching: Budget) -> None:
    """Note what is wrong with an answer; issues stand at the answer's own place.

    `matching` is what all patterns of a check may cost, in instructions times characters.
    """
    name, path = item.link_id, answer.path
    if answer.kind and answer.kind not in item.kinds:
        wanted = " or ".join(item.kinds)
        words = f"{name}: the answer is a {shown(answer.kind)}, but {wanted} is asked for."
        issues.fatal(Code.STRUCTURE, words, path)
        return
    if answer.value is None:
        if answer.kind:
            issues.error(Code.VALUE, f"{name}: {answer.fault}.", path)
        else:
            issues.fatal(Code.STRUCTURE, f"{name}: {answer.fault}.", path)
        return
    _check_option(answer.value, item, path, issues)
    check = _CHECKS.get(answer.value.kind)
    if check is not None:
        check(answer.value, item, path, issues)
    if item.limits.pattern is not None and isinstance(answer.value.raw, str):
        _check_pattern(answer.value.raw, item, path, issues, matching)
    if item.limits.min_value or item.limits.max_value:
        _check_bounds(answer.value, item, path, issues)


def _refuse(words: str, path: str, issues: Issues) -> None:
    issues.add(Severity.ERROR, Code.BUSINESS_RULE, words, path)


def _check_option(value: Value, item: Item, path: str, issues: Issues) -> None:
    if item.option_keys is None or value.key in item.option_keys:
        return
    if item.type == "open-choice" and value.kind == "String":
        return
    _refuse(f"{item.link_id}: the answer is not one of the options.", path, issues)


def _check_bounds(value: Value, item: Item, path: str, issues: Issues) -> None:
    limits = item.limits
    for bound in (limits.min_value, limits.max_value):
        if bound is None:
            continue
        if "q" in {value.key[0], bound.key[0]} and value.key[2:] != bound.key[2:]:
            words = f"{item.link_id}: the bound is in another unit and is not checked."
            issues.warn(Code.NOT_SUPPORTED, words, path)
            return
    if limits.min_value and below(value, limits.min_value):
        words = f"{item.link_id}: the smallest value is {_told(limits.min_value)}."
        _refuse(words, path, issues)
    if limits.max_value and below(limits.max_value, value):
        words = f"{item.link_id}: the largest value is {_told(limits.max_value)}."
        _refuse(words, path, issues)


def _told(bound: Value) -> str:
    if isinstance(bound.raw, dict):
        return f"{bound.raw.get('value')} {bound.raw.get('unit') or bound.raw.get('code') or ''}"
    return str(bound.raw)[:40]


def _check_text(value: Value, item: Item, path: str, issues: Issues) -> None:
    name, limits, text = item.link_id, item.limits, value.raw
    if item.type == "string" and not _LINE_ENDS.isdisjoint(text):
        words = f"{name}: an answer of one line cannot hold line breaks."
        issues.fatal(Code.BUSINESS_RULE, words, path)
    _check_length(text, item, path, issues)
    if limits.min_length is not None and len(text) < limits.min_length:
        words = f"{name}: at least {limits.min_length} characters are needed, not {len(text)}."
        _refuse(words, path, issues)


def _check_pattern(text: str, item: Item, path: str, issues: Issues, matching: Budget) -> None:
    pattern, name = item.limits.pattern, item.link_id
    try:
        matching.spend(pattern.size * (len(text) + 1))
    except TooCostly:
        words = f"{name}: the answer is too long to be checked against the pattern."
        issues.warn(Code.TOO_COSTLY, words, path)
        return
    if not pattern.fits(text):
        _refuse(f"{name}: the answer does not have the form that is asked for.", path, issues)


def _check_length(text: str, item: Item, path: str, issues: Issues) -> None:
    if item.max_length is not None and len(text) > item.max_length:
        words = f"{item.link_id}: at most {item.max_length} characters fit, not {len(text)}."
        _refuse(words, path, issues)


def _check_number(value: Value, item: Item, path: str, issues: Issues) -> None:
    most = item.limits.max_decimals
    if most is not None and isinstance(value.raw, Decimal):
        exponent = value.raw.as_tuple().exponent
        places = max(0, -exponent) if isinstance(exponent, int) else 0
        if places > most:
            words = f"{item.link_id}: at most {most} decimal places fit, not {places}."
            _refuse(words, path, issues)
    if item.max_length is not None:
        _check_length(
            format(value.raw, "") if _is_short(value.raw) else "9" * 40, item, path, issues
        )


def _is_short(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, Decimal) and abs(value.adjusted()) < 40)


def _check_quantity(value: Value, item: Item, path: str, issues: Issues) -> None:
    units = item.limits.units
    if not units:
        return
    given = value.raw
    if any(_is_unit(given, unit) for unit in units):
        return
    names = ", ".join(shown(unit.get("display") or unit.get("code")) for unit in units[:5])
    issues.error(Code.VALUE, f"{item.link_id}: the unit must be one of {names}.", path)


def _is_unit(given: dict[str, object], unit: dict[str, object]) -> bool:
    if given.get("code") is not None:
        return given["code"] == unit.get("code") and (
            given.get("system") is None or given["system"] == unit.get("system")
        )
    return given.get("unit") is not None and given["unit"] in (
        unit.get("display"),
        unit.get("code"),
    )


def _check_attachment(value: Value, item: Item, path: str, issues: Issues) -> None:
    limits, attachment = item.limits, value.raw
    kind = attachment.get("contentType")
    if limits.mime_types and not (isinstance(kind, str) and _is_mime(kind, limits)):
        names = ", ".join(limits.mime_types[:5])
        _refuse(f"{item.link_id}: the file must be {names}, not {shown(kind)}.", path, issues)
    size = _size(attachment, item, path, issues)
    if limits.max_size is not None and size is not None and size > limits.max_size:
        words = f"{item.link_id}: the file may have {limits.max_size} bytes and has {size}."
        _refuse(words, path, issues)


def _is_mime(kind: str, limits: Limits) -> bool:
    plain = kind.partition(";")[0].strip().lower()
    return any(
        plain == allowed.lower()
        or (allowed.endswith("/*") and plain.startswith(allowed[:-1].lower()))
        for allowed in limits.mime_types
    )


def _size(attachment: dict[str, object], item: Item, path: str, issues: Issues) -> int | None:
    """The larger of the size that is told and the size that is there, in bytes."""
    told, data = attachment.get("size"), attachment.get("data")
    sizes = [told] if isinstance(told, int) and number(told) else []
    if isinstance(data, str):
        try:
            sizes.append(len(b64decode("".join(data.split()), validate=True)))
        except (NoBase64, ValueError):
            issues.error(Code.VALUE, f"{item.link_id}: the file's data is no base64.", path)
    elif data is not None:
        issues.error(Code.VALUE, f"{item.link_id}: the file's data is no base64.", path)
    return max(sizes, default=None)


def _check_reference(value: Value, item: Item, path: str, issues: Issues) -> None:
    target = value.raw.get("reference")
    if target is None:
        return  # an identifier or a display alone
    if isinstance(target, str) and target.startswith(("#", "urn:uuid:", "urn:oid:")):
        return
    found = _REFERENCE.fullmatch(target) if isinstance(target, str) else None
    if found is None or found.group(1) not in RESOURCE_TYPES:
        words = f"{item.link_id}: {shown(target)} is no reference to a FHIR resource."
        issues.error(Code.INVALID, words, path)
        return
    wanted = item.limits.reference_types
    if wanted and found.group(1) not in wanted:
        words = f"{item.link_id}: a reference to {' or '.join(wanted[:5])} is asked for."
        issues.error(Code.INVALID, words, path)


_CHECKS: dict[str, Check] = {
    "String": _check_text,
    "Uri": _check_text,
    "Integer": _check_number,
    "Decimal": _check_number,
    "Quantity": _check_quantity,
    "Attachment": _check_attachment,
    "Reference": _check_reference,
}
