"""FHIRPath's functions on texts and its conversions. Costs grow with the texts' lengths."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from clinic.intake.rules.fhirpath import Collection, Context, FhirPathError, Step
from clinic.intake.rules.fhirpath_functions import Arity, Function, argument, whole_argument
from clinic.intake.rules.fhirpath_values import single
from clinic.intake.rules.patterns_of_text import SMALL_MEMORY, UnusablePattern, compile_pattern
from clinic.intake.rules.values import MOST_INTEGER, number

_CHARACTERS_A_STEP = 50
_MATCH_STEPS = 800


def text_of(context: Context, collection: Collection) -> str | None:
    """The one text, None when there is none."""
    value = single(collection)
    if value is not None and not isinstance(value, str):
        raise FhirPathError("a text is needed")
    context.budget.spend(1 + len(value or "") // _CHARACTERS_A_STEP)
    return value


def _on_text(work: Callable[[str], Any]) -> Function:
    def run(context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
        text = text_of(context, focus)
        return [] if text is None else [work(text)]

    return run


def _with_text(work: Callable[[str, str], Any]) -> Function:
    def run(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
        text, other = text_of(context, focus), text_of(context, argument(context, arguments))
        return [] if text is None or other is None else [work(text, other)]

    return run


def _matches(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    text, told = text_of(context, focus), text_of(context, argument(context, arguments))
    if text is None or told is None:
        return []
    context.budget.spend(_MATCH_STEPS)
    try:
        pattern = compile_pattern(text=told, memory=SMALL_MEMORY)
    except UnusablePattern as fault:
        raise FhirPathError(str(fault)) from None
    context.budget.spend(pattern.size * len(text) // 500)
    return [pattern.finds(text)]


def _to_chars(context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
    text = text_of(context, focus) or ""
    context.budget.spend(len(text))
    return list(text)


def _substring(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    text, start = text_of(context, focus), whole_argument(context, arguments)
    if text is None or not 0 <= start < len(text):
        return []
    if len(arguments) == 1:
        return [text[start:]]
    return [text[start : start + max(0, whole_argument(context, arguments, 1))]]


def _replace(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    parts = [text_of(context, focus)] + [
        text_of(context, argument(context, arguments, index)) for index in (0, 1)
    ]
    text, old, new = parts
    if text is None or old is None or new is None:
        return []
    growth = (text.count(old) if old else len(text) + 1) * len(new)
    context.budget.spend(growth // _CHARACTERS_A_STEP)
    return [text.replace(old, new)]


def _join(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    between = text_of(context, argument(context, arguments)) if arguments else ""
    texts = [text_of(context, [value]) or "" for value in focus]
    context.budget.spend(len(texts) * len(between or "") // _CHARACTERS_A_STEP)
    return [(between or "").join(texts)]


def _split(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    text, between = text_of(context, focus), text_of(context, argument(context, arguments))
    if not text or not between:
        return [text] if text else []
    parts = text.split(between)
    context.budget.spend(len(parts))
    return list(parts)


def as_text(value: Any) -> str | None:
    """A simple value as text; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value) if abs(value) <= 10**20 else None
    if isinstance(value, Decimal):
        small = -40 < value.adjusted() < 40
        return format(value, "f") if small else None
    return None


def _as_decimal(value: Any) -> Decimal | int | None:
    if isinstance(value, bool):
        return Decimal(int(value))
    if number(value):
        return value  # type: ignore[no-any-return]
    if isinstance(value, str) and len(value) < 60:
        try:
            found = Decimal(value)
        except InvalidOperation:
            return None
        return found if found.is_finite() else None
    return None


def _as_integer(value: Any) -> int | None:
    found = _as_decimal(value)
    if found is None or not -MOST_INTEGER <= found <= MOST_INTEGER or found != int(found):
        return None
    return int(found)


def _as_boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    words = {"true": True, "t": True, "yes": True, "y": True, "1": True}
    words |= {"false": False, "f": False, "no": False, "n": False, "0": False}
    return words.get((as_text(value) or "").lower().removesuffix(".0"))


def _converted(work: Callable[[Any], Any]) -> Function:
    def run(context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
        context.budget.spend()
        value = single(focus)
        found = None if value is None else work(value)
        return [] if found is None else [found]

    return run


def _convertible(work: Callable[[Any], Any]) -> Function:
    def run(context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
        context.budget.spend()
        value = single(focus)
        return [] if value is None else [work(value) is not None]

    return run


STRING_FUNCTIONS: dict[str, Arity] = {
    "startsWith": Arity(_with_text(str.startswith), 1, 1),
    "endsWith": Arity(_with_text(str.endswith), 1, 1),
    "contains": Arity(_with_text(str.__contains__), 1, 1),
    "indexOf": Arity(_with_text(str.find), 1, 1),
    "matches": Arity(_matches, 1, 1),
    "upper": Arity(_on_text(str.upper)),
    "lower": Arity(_on_text(str.lower)),
    "trim": Arity(_on_text(str.strip)),
    "length": Arity(_on_text(len)),
    "toChars": Arity(_to_chars),
    "substring": Arity(_substring, 1, 2),
    "replace": Arity(_replace, 2, 2),
    "join": Arity(_join, 0, 1),
    "split": Arity(_split, 1, 1),
    "toString": Arity(_converted(as_text)),
    "toInteger": Arity(_converted(_as_integer)),
    "toDecimal": Arity(_converted(_as_decimal)),
    "toBoolean": Arity(_converted(_as_boolean)),
    "convertsToString": Arity(_convertible(as_text)),
    "convertsToInteger": Arity(_convertible(_as_integer)),
    "convertsToDecimal": Arity(_convertible(_as_decimal)),
    "convertsToBoolean": Arity(_convertible(_as_boolean)),
}
