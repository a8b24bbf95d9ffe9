"""What rules may know of a patient: enabled answers by question, the age, what fired before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from clinic.intake.rules.form import Item
from clinic.intake.rules.state import State
from clinic.intake.rules.values import Value, number

Simple = str | bool | int | Decimal


def simple(value: Value) -> Simple | None:
    """An answer as rules compare it: a coding by its code, a quantity by its amount."""
    raw = value.raw
    if isinstance(raw, dict):
        raw = raw.get("code") or raw.get("display") or raw.get("value")
    return raw if isinstance(raw, str | bool) or number(raw) else None


@dataclass(slots=True)
class Facts:
    """One patient's answers; questions are named by linkId, or by a code as `code:44260-8`."""

    state: State
    age: int | None = None
    fired: frozenset[str] = frozenset()
    listed: set[str] = field(default_factory=set)
    _answers: dict[str, tuple[Simple, ...]] = field(default_factory=dict)

    def answers(self, question: str) -> tuple[Simple, ...]:
        """All answers that count, over all occurrences; empty when there is none."""
        if question not in self._answers:
            values = (simple(value) for value in self._values(question))
            self._answers[question] = tuple(value for value in values if value is not None)
        return self._answers[question]

    def weights(self, question: str) -> tuple[Any, ...]:
        """The weights (ordinalValue) of the chosen options."""
        found = []
        for item in self._items(question):
            weights = {option.value.key: option.weight for option in item.options}
            found += [weights.get(value.key) for value in self._values(question)]
        return tuple(weight for weight in found if weight is not None)

    def _values(self, question: str) -> Iterator[Value]:
        for item in self._items(question):
            for place in self.state.places_of(item):
                if place.is_enabled:
                    yield from place.values

    def _items(self, question: str) -> list[Item]:
        if not question.startswith("code:"):
            item = self.state.form.by_link.get(question)
            return [item] if item is not None else []
        code = question.removeprefix("code:")
        return [item for item in self.state.form.items if _is_coded(item, code)]


def _is_coded(item: Item, code: str) -> bool:
    codings = item.raw.get("code")
    return isinstance(codings, list) and any(
        isinstance(coding, dict) and coding.get("code") == code for coding in codings
    )
