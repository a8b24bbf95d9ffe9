"""What a form says in FHIRPath: conditions, calculated answers, constraints, variables (SDC)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from clinic.intake.rules.enabling import settle
from clinic.intake.rules.exporting import Effective
from clinic.intake.rules.fhirpath import Budget, Collection, FhirPathError, evaluate
from clinic.intake.rules.fhirpath_values import truth
from clinic.intake.rules.form import Expression, Item
from clinic.intake.rules.outcome import Code, Issues, shown
from clinic.intake.rules.state import Place, State
from clinic.intake.rules.values import MOST_INTEGER, Value, number, read_value

STEPS = 800_000
MOST_ROUNDS = 8
_CLOSE_ENOUGH = Decimal("0.0001")

_CONSTANTS = {
    "ucum": ["http://unitsofmeasure.org"],
    "sct": ["http://snomed.info/sct"],
    "loinc": ["http://loinc.org"],
}


class Reckoning:
    """Evaluates the expressions of one state, on one budget of steps for all of them."""

    def __init__(self, state: State) -> None:
        """Nothing is evaluated yet."""
        self._state = state
        self._budget = Budget(STEPS)
        self._effective: Effective | None = None
        self._known: dict[tuple[int, int], Collection] = {}
        self._open: set[tuple[int, int]] = set()
        self._faults: dict[str, str] = {}
        self._results: dict[int, Collection] = {}
        self._unsettled = False

    @property
    def results(self) -> dict[int, Collection]:
        """The calculated values by the order of their places."""
        return self._results

    @property
    def faults(self) -> list[str]:
        """Why expressions have no effect, a phrase each."""
        return list(self._faults.values())

    def has_result(self, place: Place) -> bool:
        """Whether the place's answer is calculated."""
        return bool(self._results.get(place.order))

    def settle(self) -> None:
        """Set `is_enabled` everywhere and calculate what is calculated."""
        settle(state=self._state)
        if not self._state.form.has_expressions:
            return
        if any(item.limits.enable for item in self._state.form.items):
            self._settle_expressions()
        self._calculate()

    def _settle_expressions(self) -> None:
        """Until nothing changes: the answers that count depend on what is enabled, and back."""
        before = self._enabled()
        for _round in range(MOST_ROUNDS):
            self._look_again()
            settle(state=self._state, says=self._says)
            after = self._enabled()
            if after == before:
                self._look_again()
                return
            before = after
        self._unsettled = True
        self._look_again()

    def _enabled(self) -> list[bool]:
        return [place.is_enabled for place in self._state.places]

    def _look_again(self) -> None:
        self._effective = Effective(self._state)
        self._known.clear()

    def _says(self, place: Place) -> bool | None:
        expression = place.item.limits.enable
        found = self.value(expression, place) if expression else None
        try:
            return None if found is None else bool(truth(found))
        except FhirPathError as fault:
            self._faults.setdefault(expression.path if expression else "", str(fault))
            return None

    def value(self, expression: Expression, place: Place) -> Collection | None:
        """What the expression means at a place; None, with a fault kept, when it means nothing."""
        try:
            return self._evaluated(expression, place)
        except FhirPathError as fault:
            self._faults.setdefault(expression.path, str(fault))
            return None

    def _evaluated(self, expression: Expression, place: Place) -> Collection:
        self._budget.spend(10)
        return evaluate(
            program=expression.program,
            focus=self._focus(place),
            lookup=lambda name: self._look_up(name, place),
            budget=self._budget,
        )

    def _focus(self, place: Place) -> Collection:
        if self._effective is None:
            self._effective = Effective(self._state)
        if place.parent is None:
            return [self._effective.response]
        made = self._effective.by_place.get(place.order)
        return [] if made is None else [made]

    def _look_up(self, name: str, place: Place) -> Collection | None:
        if name == "resource":
            return self._focus(self._state.root)
        if name == "context":
            return self._focus(place)
        if name == "questionnaire":
            return [self._state.form.raw]
        if name == "qitem":
            return [place.item.raw]
        above: Place | None = place
        while above is not None:
            for variable in reversed(above.item.limits.variables):
                if variable.name == name:
                    return self._variable(variable, above)
            above = above.parent
        return _CONSTANTS.get(name)

    def _variable(self, variable: Expression, place: Place) -> Collection:
        key = (place.order, id(variable))
        if key in self._open:
            raise FhirPathError(f"the variable {shown(variable.name)} depends on itself")
        if key not in self._known:
            self._open.add(key)
            try:
                self._known[key] = self._evaluated(variable, place)
            finally:
                self._open.discard(key)
        return self._known[key]

    def _calculate(self) -> None:
        """Calculated answers count for other expressions, so that it takes rounds."""
        places = [
            place
            for item in self._state.form.items
            if item.limits.calculated
            for place in self._state.places_of(item)
            if place.is_enabled
        ]
        for _round in range(MOST_ROUNDS if places else 0):
            if sum(self._calculate_one(place) for place in places) == 0:
                return
            self._known.clear()

    def _calculate_one(self, place: Place) -> bool:
        """Whether the value has changed."""
        expression = place.item.limits.calculated
        found = self.value(expression, place) if expression else None
        if found is None or found == self._results.get(place.order):
            return False
        self._results[place.order] = found
        answers = [as_answer(value, place.item) for value in found]
        entry = self._effective.entry(place) if self._effective else None
        if entry is not None:
            entry["answer"] = [answer for answer in answers if answer]
        return True

    def check(self, issues: Issues) -> None:
        """Note expressions without a meaning, wrong calculated answers and broken constraints."""
        for place in (self._state.root, *self._state.places):
            if place.item.limits.constraints and place.is_enabled:
                self._check_constraints(place, issues)
            if place.order in self._results and place.answers:
                self._check_calculated(place, issues)
        if self._unsettled:
            words = "The form's conditions in FHIRPath contradict each other and do not settle."
            issues.error(Code.INVARIANT, words, "Questionnaire")
        for path, words in self._faults.items():
            issues.warn(Code.NOT_SUPPORTED, f"An expression has no effect: {words}.", path)

    def _check_constraints(self, place: Place, issues: Issues) -> None:
        for constraint in place.item.limits.constraints:
            found = self.value(constraint.expression, place) if self._focus(place) else None
            if found and single_truth(found) is False:
                add = issues.error if constraint.is_error else issues.warn
                add(Code.INVARIANT, constraint.human, place.path)

    def _check_calculated(self, place: Place, issues: Issues) -> None:
        wanted = [as_answer(value, place.item) for value in self._results[place.order]]
        read = [_value_of(answer) for answer in wanted if answer]
        given = list(place.values)
        if len(read) != len(given) or not all(map(_is_close, read, given)):
            told = ", ".join(shown(value) for value in self._results[place.order][:3]) or "nothing"
            words = f"{place.item.link_id}: the answer differs from what is calculated, {told}."
            issues.warn(Code.BUSINESS_RULE, words, place.path)


def single_truth(found: Collection) -> bool | None:
    """Truth of one value; several are no truth."""
    return truth(found) if len(found) == 1 else None


def _value_of(answer: dict[str, Any]) -> Value | None:
    key = next(iter(answer))
    value = read_value(kind=key.removeprefix("value"), raw=answer[key])
    return None if isinstance(value, str) else value


def _is_close(wanted: Value | None, given: Value) -> bool:
    if wanted is None:
        return False
    if wanted.key[0] == given.key[0] == "n":
        return abs(Decimal(wanted.raw) - Decimal(given.raw)) <= _CLOSE_ENOUGH
    return wanted.key == given.key


def as_answer(value: Any, item: Item) -> dict[str, Any] | None:
    """A calculated value as an answer to its item; None when it is of no type asked for."""
    fits: dict[str, Callable[[Any], bool]] = {
        "Boolean": lambda one: isinstance(one, bool),
        "Integer": lambda one: number(one) and abs(one) <= MOST_INTEGER and one == int(one),
        "Decimal": number,
        "String": lambda one: isinstance(one, str),
        "Coding": lambda one: isinstance(one, dict) and "value" not in one,
        "Quantity": lambda one: number(one) or (isinstance(one, dict) and "value" in one),
    }
    for kind in item.kinds:
        if kind in fits and fits[kind](value):
            if kind == "Integer":
                value = int(value)
            if kind == "Quantity" and number(value):
                value = {"value": value}
            return {f"value{kind}": value}
        if kind in {"Date", "DateTime", "Time", "Uri"} and isinstance(value, str):
            return {f"value{kind}": value}
    return None
