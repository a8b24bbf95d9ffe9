"""The extensions of questionnaires that mean something here; every other is named, not dropped.

Sources: http://hl7.org/fhir/R4/questionnaire-profiles.html and SDC
(http://hl7.org/fhir/uv/sdc/STU3/).
"""

from collections.abc import Callable
from typing import Any

from clinic.intake.rules.definition_parts import objects, typed_value
from clinic.intake.rules.expression_texts import read_constraint, read_expression, read_variable
from clinic.intake.rules.form import NO_LIMITS, Item, Limits
from clinic.intake.rules.outcome import Code, Issues, shown
from clinic.intake.rules.patterns_of_text import UnusablePattern, compile_pattern
from clinic.intake.rules.values import Value, below, number

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
TRANSLATION = f"{CORE}translation"

# All patterns of a form together, in RE2's instructions; one that fails counts as a large one.
LARGEST_PROGRAMS = 150_000
_FAILED = 5_000

Reader = Callable[[Item, Value, str, Issues], None]

# What only says how a page shows something, or what other systems do with answers.
_FOR_PAGES = frozenset(
    {
        f"{CORE}{name}"
        for name in [
            "entryFormat",
            "questionnaire-choiceOrientation",
            "questionnaire-displayCategory",
            "questionnaire-sliderStepValue",
            "questionnaire-optionPrefix",
            "questionnaire-supportLink",
            "rendering-style",
            "rendering-xhtml",
            "rendering-markdown",
            "rendering-styleSensitive",
            "designNote",
            "questionnaire-usageMode",
            "questionnaire-signatureRequired",
            "questionnaire-fhirType",
        ]
    }
    | {f"{SDC}{name}" for name in ("shortText", "openLabel", "width", "columnCount", "collapsible")}
    | {TRANSLATION}
)


def read_extensions(*, raw: dict[str, Any], item: Item, issues: Issues) -> None:
    """Fill the item's limits; note extensions that are wrong, or that have no effect here."""
    if "extension" not in raw:
        return
    item.limits = Limits()
    for path, entry in objects(raw=raw, key="extension", path=item.path, issues=issues):
        url = entry.get("url")
        if not isinstance(url, str) or not url:
            issues.error(Code.REQUIRED, "An extension has no url.", path)
        elif url in _NESTED:
            _NESTED[url](raw=entry, item=item, path=path, issues=issues)
        elif url in _READERS:
            _read_value(url, entry, item, path, issues)
        elif url not in _FOR_PAGES:
            words = f"The extension {shown(_last(url))} has no effect here."
            issues.inform(Code.NOT_SUPPORTED, words, path)
    _check_bounds(item, issues)
    if item.limits == NO_LIMITS:
        item.limits = NO_LIMITS


def _read_value(url: str, entry: dict[str, Any], item: Item, path: str, issues: Issues) -> None:
    if "valueCode" in entry or "valueCodeableConcept" in entry:
        value = _code_value(entry)
    else:
        value = typed_value(raw=entry, prefix="value", path=path, issues=issues)
    if value is not None:
        _READERS[url](item, value, path, issues)


def _last(url: object) -> str:
    """The telling end of an address."""
    return str(url).rpartition("/")[2]


def _code_value(entry: dict[str, Any]) -> Value | None:
    """A code, or the first code of a CodeableConcept."""
    code = entry.get("valueCode")
    concept = entry.get("valueCodeableConcept")
    if isinstance(concept, dict):
        codings = concept.get("coding")
        first = codings[0] if isinstance(codings, list) and codings else None
        code = first.get("code") if isinstance(first, dict) else concept.get("text")
    return Value("Code", code, ("s", code)) if isinstance(code, str) else None


def _check_bounds(item: Item, issues: Issues) -> None:
    limits, name = item.limits, item.link_id
    if limits.min_value and limits.max_value and below(limits.max_value, limits.min_value):
        words = f"{name}: the largest value lies below the smallest; no answer can be accepted."
        issues.warn(Code.BUSINESS_RULE, words, item.path)
    least, most = limits.min_occurs, limits.max_occurs
    if least is not None and most is not None and most < least:
        words = f"{name}: at most {most} are allowed but at least {least} are asked for."
        issues.warn(Code.BUSINESS_RULE, words, item.path)


def _wrong(item: Item, what: str, path: str, issues: Issues) -> None:
    issues.error(Code.VALUE, f"{item.link_id}: {what}.", path)


def _whole(attribute: str) -> Reader:
    def read(item: Item, value: Value, path: str, issues: Issues) -> None:
        if value.kind != "Integer" or value.raw < 0:
            _wrong(item, f"a whole number is needed, not {shown(value.raw)}", path, issues)
        else:
            setattr(item.limits, attribute, value.raw)

    return read


def _bound(attribute: str) -> Reader:
    def read(item: Item, value: Value, _path: str, _issues: Issues) -> None:
        setattr(item.limits, attribute, value)

    return read


def _max_size(item: Item, value: Value, path: str, issues: Issues) -> None:
    if not number(value.raw) or value.raw < 0:
        _wrong(item, f"a size in bytes is needed, not {shown(value.raw)}", path, issues)
    else:
        item.limits.max_size = value.raw


def _weight(item: Item, value: Value, path: str, issues: Issues) -> None:
    if not number(value.raw):
        _wrong(item, "a weight must be a number", path, issues)
    else:
        item.limits.weight = value.raw


def _listed(attribute: str) -> Reader:
    def read(item: Item, value: Value, path: str, issues: Issues) -> None:
        if not isinstance(value.raw, str):
            _wrong(item, "a code is needed", path, issues)
        else:
            getattr(item.limits, attribute).append(value.raw)

    return read


def _unit_option(item: Item, value: Value, path: str, issues: Issues) -> None:
    if not isinstance(value.raw, dict):
        _wrong(item, "a unit must be a coding", path, issues)
    else:
        item.limits.units.append(value.raw)


def _unit(item: Item, value: Value, path: str, issues: Issues) -> None:
    if not isinstance(value.raw, dict):
        _wrong(item, "a unit must be a coding", path, issues)
    else:
        item.limits.unit = value.raw


def _hidden(item: Item, value: Value, path: str, issues: Issues) -> None:
    if not isinstance(value.raw, bool):
        _wrong(item, "hidden must be true or false", path, issues)
    else:
        item.limits.hidden = value.raw


def _control(item: Item, value: Value, _path: str, _issues: Issues) -> None:
    item.limits.control = value.raw if isinstance(value.raw, str) else None


def _regex(item: Item, value: Value, path: str, issues: Issues) -> None:
    if not isinstance(value.raw, str):
        _wrong(item, "a pattern must be a text", path, issues)
        return
    root = item.root
    try:
        if root.spent_on_patterns > LARGEST_PROGRAMS:
            raise UnusablePattern("there are too many patterns in this form")
        root.spent_on_patterns += _FAILED
        pattern = compile_pattern(text=value.raw)
        root.spent_on_patterns += pattern.size - _FAILED
        item.limits.pattern = pattern
    except UnusablePattern as fault:
        words = f"{item.link_id}: {fault}; answers are not checked against it."
        issues.warn(Code.NOT_SUPPORTED, words, path)


_READERS: dict[str, Reader] = {
    f"{CORE}minLength": _whole("min_length"),
    f"{CORE}questionnaire-minOccurs": _whole("min_occurs"),
    f"{CORE}questionnaire-maxOccurs": _whole("max_occurs"),
    f"{CORE}maxDecimalPlaces": _whole("max_decimals"),
    f"{CORE}minValue": _bound("min_value"),
    f"{CORE}maxValue": _bound("max_value"),
    f"{SDC}minQuantity": _bound("min_value"),
    f"{SDC}maxQuantity": _bound("max_value"),
    f"{CORE}maxSize": _max_size,
    f"{CORE}mimeType": _listed("mime_types"),
    f"{CORE}regex": _regex,
    f"{CORE}questionnaire-unitOption": _unit_option,
    f"{CORE}questionnaire-unit": _unit,
    f"{CORE}questionnaire-referenceResource": _listed("reference_types"),
    f"{CORE}questionnaire-hidden": _hidden,
    f"{CORE}questionnaire-itemControl": _control,
    f"{CORE}itemWeight": _weight,
    f"{CORE}ordinalValue": _weight,
}
_NESTED: dict[str, Callable[..., None]] = {
    f"{CORE}variable": read_variable,
    f"{SDC}calculatedExpression": read_expression("calculated"),
    f"{SDC}enableWhenExpression": read_expression("enable"),
    f"{SDC}initialExpression": read_expression("initial"),
    f"{CORE}questionnaire-constraint": read_constraint,
    f"{CORE}targetConstraint": read_constraint,
}


def option_extensions(
    *, raw: dict[str, Any], coding: dict[str, Any], path: str, issues: Issues
) -> tuple[Any, bool]:
    """An option's weight (ordinalValue or itemWeight) and whether it excludes the others."""
    weight, exclusive = None, False
    both = (
        *objects(raw=raw, key="extension", path=path, issues=issues),
        *objects(raw=coding, key="extension", path=f"{path}.valueCoding", issues=issues),
    )
    for place, entry in both:
        url = entry.get("url")
        if not isinstance(url, str):
            issues.error(Code.REQUIRED, "An extension has no url.", place)
        elif url in {f"{CORE}ordinalValue", f"{CORE}itemWeight"}:
            value = typed_value(raw=entry, prefix="value", path=place, issues=issues)
            weight = value.raw if value is not None and number(value.raw) else weight
        elif url == f"{CORE}questionnaire-optionExclusive":
            exclusive = entry.get("valueBoolean") is True
        elif url not in _FOR_PAGES:
            words = f"The extension {shown(_last(url))} has no effect here."
            issues.inform(Code.NOT_SUPPORTED, words, place)
    return weight, exclusive
