"""One item of a definition: its type, options, conditions and initial values."""

from typing import Any

from clinic.intake.rules.definition_parts import (
    check_keys,
    flag,
    objects,
    text_of,
    typed_value,
    whole,
)
from clinic.intake.rules.extensions import option_extensions, read_extensions
from clinic.intake.rules.form import (
    ABSTRACT,
    DISPLAY,
    GROUP,
    TYPES,
    Condition,
    Item,
    Operator,
    Option,
)
from clinic.intake.rules.outcome import Code, Issues, shown
from clinic.intake.rules.value_sets import contained_options
from clinic.intake.rules.values import Key, Value, is_ordered

_KNOWN = frozenset(
    [
        "id",
        "extension",
        "linkId",
        "definition",
        "code",
        "prefix",
        "text",
        "type",
        "enableWhen",
        "enableBehavior",
        "required",
        "repeats",
        "readOnly",
        "maxLength",
        "answerValueSet",
        "answerOption",
        "initial",
        "item",
    ]
)
_CONDITION_KNOWN = frozenset(
    [
        "id",
        "extension",
        "question",
        "operator",
        "answerBoolean",
        "answerDecimal",
        "answerInteger",
        "answerDate",
        "answerDateTime",
        "answerTime",
        "answerString",
        "answerCoding",
        "answerQuantity",
        "answerReference",
    ]
)
_OPTION_KNOWN = frozenset(
    [
        "id",
        "extension",
        "valueInteger",
        "valueDate",
        "valueTime",
        "valueString",
        "valueCoding",
        "valueReference",
        "initialSelected",
    ]
)
_WITH_LENGTH = frozenset({"boolean", "decimal", "integer", "string", "text", "url", "open-choice"})
_WITH_OPTIONS = frozenset(
    {"choice", "open-choice", "integer", "decimal", "date", "dateTime", "time", "string", "text"}
    | {"reference", "quantity"}
)
_OPERATORS = frozenset(operator.value for operator in Operator)
_ORDERING = frozenset({Operator.GREATER, Operator.LESS}) | {
    Operator.GREATER_OR_EQUAL,
    Operator.LESS_OR_EQUAL,
}


def read_item(*, raw: dict[str, Any], item: Item, issues: Issues) -> None:
    """Fill in what the definition says of an item, without its children."""
    path = item.path
    if not raw.keys() <= _KNOWN:
        check_keys(raw=raw, known=_KNOWN, path=path, issues=issues)
    item.text = text_of(raw=raw, key="text", path=path, issues=issues)
    item.type = _type(raw, item, issues)
    item.required = flag(raw=raw, key="required", path=path, issues=issues)
    item.repeats = flag(raw=raw, key="repeats", path=path, issues=issues)
    item.read_only = flag(raw=raw, key="readOnly", path=path, issues=issues)
    item.max_length = whole(raw=raw, key="maxLength", path=path, issues=issues)
    if "extension" in raw:
        read_extensions(raw=raw, item=item, issues=issues)
    if "answerOption" in raw or "answerValueSet" in raw:
        _read_options(raw, item, issues)
    if "initial" in raw:
        _read_initial(raw, item, issues)
    if "enableWhen" in raw:
        _read_conditions(raw, item, issues)
    _check_invariants(raw, item, issues)


def _type(raw: dict[str, Any], item: Item, issues: Issues) -> str:
    found = raw.get("type")
    if found is None:
        issues.error(Code.REQUIRED, f"{item.link_id}: the item has no type.", item.path)
        return ""
    if found == ABSTRACT:
        words = f"{item.link_id}: the type 'question' is abstract; name what is answered."
        issues.error(Code.CODE_INVALID, words, f"{item.path}.type")
        return ABSTRACT
    if not isinstance(found, str) or found not in TYPES:
        words = f"{item.link_id}: {shown(found)} is no type of item."
        issues.error(Code.CODE_INVALID, words, f"{item.path}.type")
        return ""
    return found


def _check_invariants(raw: dict[str, Any], item: Item, issues: Issues) -> None:
    """The invariants of R4 that speak of one item."""
    name, kind = item.link_id, item.type
    broken = (
        (kind == GROUP and "item" not in raw, "a group must hold items (que-1)"),
        (kind == DISPLAY and "item" in raw, "a display cannot hold items (que-1)"),
        (kind == DISPLAY and "code" in raw, "a display cannot have a code (que-3)"),
        (
            kind == DISPLAY and ("required" in raw or "repeats" in raw),
            "a display is neither required nor repeated (que-6)",
        ),
        (kind == DISPLAY and "readOnly" in raw, "a display is not read-only (que-9)"),
        (
            item.max_length is not None and kind not in _WITH_LENGTH,
            f"maxLength means nothing for the type {shown(kind)} (que-10)",
        ),
        (
            len(item.initial) > 1 and not item.repeats,
            "several initial values need a question that repeats (que-13)",
        ),
    )
    for is_broken, words in broken:
        if is_broken:
            issues.error(Code.INVARIANT, f"{name}: {words}.", item.path)


def _read_options(raw: dict[str, Any], item: Item, issues: Issues) -> None:
    path, name = item.path, item.link_id
    if "answerOption" in raw and "answerValueSet" in raw:
        words = f"{name}: answerOption and answerValueSet exclude each other (que-4)."
        issues.error(Code.INVARIANT, words, path)
    if item.type and item.type not in _WITH_OPTIONS | {ABSTRACT}:
        words = f"{name}: the type {shown(item.type)} has no options to choose from (que-5)."
        issues.error(Code.INVARIANT, words, path)
        return
    if "answerOption" in raw:
        entries = objects(raw=raw, key="answerOption", path=path, issues=issues)
        options = [_option(entry, place, issues) for place, entry in entries]
        item.options = tuple(option for option in options if option is not None)
        keys: frozenset[Key] | None = frozenset(option.value.key for option in item.options)
    else:
        keys = contained_options(raw=raw, item=item, issues=issues)
    item.option_keys = keys
    if keys is not None and len(keys) < len(item.options):
        issues.warn(Code.DUPLICATE, f"{name}: an option is listed twice.", f"{path}.answerOption")


def _option(raw: dict[str, Any], path: str, issues: Issues) -> Option | None:
    if not raw.keys() <= _OPTION_KNOWN:
        check_keys(raw=raw, known=_OPTION_KNOWN, path=path, issues=issues)
    value = typed_value(raw=raw, prefix="value", path=path, issues=issues)
    if value is None:
        return None
    coding = value.raw if isinstance(value.raw, dict) else {}
    weight, exclusive = None, False
    if "extension" in raw or "extension" in coding:
        weight, exclusive = option_extensions(raw=raw, coding=coding, path=path, issues=issues)
    return Option(
        value=value,
        display=str(coding.get("display") or coding.get("code") or value.raw),
        weight=weight,
        exclusive=exclusive,
        initial=flag(raw=raw, key="initialSelected", path=path, issues=issues),
    )


def _read_initial(raw: dict[str, Any], item: Item, issues: Issues) -> None:
    if item.type in {GROUP, DISPLAY}:
        words = f"{item.link_id}: only questions have initial values (que-8)."
        issues.error(Code.INVARIANT, words, f"{item.path}.initial")
        return
    if item.options:
        words = f"{item.link_id}: options say initialSelected instead of initial (que-11)."
        issues.warn(Code.INVARIANT, words, f"{item.path}.initial")
    values = []
    for place, entry in objects(raw=raw, key="initial", path=item.path, issues=issues):
        value = typed_value(raw=entry, prefix="value", path=place, issues=issues)
        if value is not None and value.kind not in item.kinds and item.kinds:
            words = f"{item.link_id}: an initial value is not of the question's type."
            issues.error(Code.VALUE, words, place)
        elif value is not None:
            values.append(value)
    item.initial = tuple(values)


def _read_conditions(raw: dict[str, Any], item: Item, issues: Issues) -> None:
    found = objects(raw=raw, key="enableWhen", path=item.path, issues=issues)
    conditions = [_condition(entry, place, item, issues) for place, entry in found]
    item.conditions = tuple(condition for condition in conditions if condition is not None)
    behavior = raw.get("enableBehavior")
    if behavior in ("any", "all"):
        item.behavior = str(behavior)
    elif behavior is not None:
        words = f"{item.link_id}: {shown(behavior)} is no enableBehavior."
        issues.error(Code.CODE_INVALID, words, f"{item.path}.enableBehavior")
    elif len(found) > 1:
        words = f"{item.link_id}: several conditions need an enableBehavior (que-12)."
        issues.error(Code.INVARIANT, words, item.path)


def _condition(raw: dict[str, Any], path: str, item: Item, issues: Issues) -> Condition | None:
    check_keys(raw=raw, known=_CONDITION_KNOWN, path=path, issues=issues)
    question = text_of(raw=raw, key="question", path=path, issues=issues)
    if "question" not in raw:
        issues.error(Code.REQUIRED, f"{item.link_id}: a condition names no question.", path)
    operator = raw.get("operator")
    if not isinstance(operator, str) or operator not in _OPERATORS:
        words = f"{item.link_id}: {shown(operator)} is no operator of enableWhen."
        issues.error(Code.CODE_INVALID, words, f"{path}.operator")
        return None
    value = typed_value(raw=raw, prefix="answer", path=path, issues=issues)
    if value is None or not question or not _fits(Operator(operator), value, path, item, issues):
        return None
    return Condition(question=question, operator=Operator(operator), value=value)


def _fits(operator: Operator, value: Value, path: str, item: Item, issues: Issues) -> bool:
    if operator is Operator.EXISTS and value.kind != "Boolean":
        words = f"{item.link_id}: 'exists' is compared with true or false (que-7)."
        issues.error(Code.INVARIANT, words, path)
        return False
    if operator in _ORDERING and not is_ordered(value):
        words = f"{item.link_id}: values of the type {value.kind} have no order."
        issues.error(Code.VALUE, words, path)
        return False
    return True
