"""Which items are enabled, given the answers: R4's enableWhen with nesting and repeats.

Source: http://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen. What is
below a disabled item is disabled; the answers of a disabled question are no answers. Of several
occurrences of a question the nearest is asked: among the ancestors, else the last one before, else
the first one after, within the smallest repetition that holds both.
"""

from bisect import bisect_left
from collections.abc import Callable

from clinic.intake.rules.form import Condition, Item, Operator
from clinic.intake.rules.outcome import Code
from clinic.intake.rules.state import ROOT, Place, State
from clinic.intake.rules.values import Value, below, equal_keys

MOST_CONDITIONS = 300_000

# Says whether an enableWhenExpression holds at a place; None when it cannot be worked out.
Says = Callable[[Place], bool | None]


def settle(*, state: State, says: Says | None = None) -> None:
    """Set `is_enabled` on every place; `says` answers for enableWhenExpression.

    Conditions on circles count as not written (the definition's issues name them). A condition in
    FHIRPath that cannot be worked out counts as not written too.
    """
    asked = 0
    for item in state.form.evaluation_order:
        places = state.places_of(item)
        conditions = () if item.is_cyclic else item.conditions
        asked += len(places) * len(conditions)
        if asked > MOST_CONDITIONS:
            words = f"More than {MOST_CONDITIONS} conditions would have to be looked at."
            state.issues.fatal(Code.TOO_COSTLY, words, ROOT)
            return
        expression = item.limits.enable if says else None
        for place in places:
            above = place.parent is None or place.parent.is_enabled
            place.is_enabled = above and (not conditions or _holds(place, item, conditions, state))
            if expression and says and place.is_enabled:
                place.is_enabled = says(place) is not False


def enabled_links(*, state: State) -> list[str]:
    """The linkIds that are enabled anywhere, in document order."""
    return [
        item.link_id
        for item in state.form.items
        if any(place.is_enabled for place in state.places_of(item))
    ]


def _holds(place: Place, item: Item, conditions: tuple[Condition, ...], state: State) -> bool:
    results = (_is_met(place, condition, state) for condition in conditions)
    return all(results) if item.behavior == "all" else any(results)


def _is_met(place: Place, condition: Condition, state: State) -> bool:
    asked = _nearest(place, state.form.by_link[condition.question], state)
    counts = asked is not None and asked.is_enabled and bool(asked.answers)
    if condition.operator is Operator.EXISTS:
        return counts is condition.value.raw
    if asked is None or not counts:
        return condition.operator is Operator.NOT_EQUAL
    if condition.operator in {Operator.EQUAL, Operator.NOT_EQUAL}:
        found = any(key in asked.keys for key in equal_keys(condition.value))
        return found is (condition.operator is Operator.EQUAL)
    return any(_compares(value, condition) for value in asked.values)


def _compares(value: Value, condition: Condition) -> bool:
    bound = condition.value
    is_less, is_greater = below(value, bound), below(bound, value)
    match condition.operator:
        case Operator.LESS:
            return is_less
        case Operator.GREATER:
            return is_greater
        case Operator.LESS_OR_EQUAL:
            return _is_comparable(value, bound) and not is_greater
        case Operator.GREATER_OR_EQUAL:
            return _is_comparable(value, bound) and not is_less
    return False


def _is_comparable(value: Value, bound: Value) -> bool:
    if value.key[0] != bound.key[0]:
        return False
    return value.key[0] in {"n", "t", "s"} or (
        value.key[0] == "q" and bool(value.key[2] == bound.key[2])
    )


def _nearest(place: Place, asked: Item, state: State) -> Place | None:
    places = state.places_of(asked)
    if len(places) < 2:
        return places[0] if places else None
    common: Place | None = place
    lineage = {id(asked), *(id(above) for above in asked.ancestors()), id(state.form.root)}
    while common is not None and id(common.item) not in lineage:
        common = common.parent
    if common is None or common.item is asked:
        return common
    first, last = (-1, len(state.places)) if common.order < 0 else (common.order, common.last)
    low = bisect_left(places, first, key=_order)
    high = bisect_left(places, last + 1, key=_order)
    if low == high:
        return None
    before = bisect_left(places, place.order, low, high, key=_order)
    return places[before - 1] if before > low else places[before]


def _order(place: Place) -> int:
    return place.order
