"""Scores: weights of chosen options (ordinalValue, itemWeight) and calculated answers.

A score says how many of its questions are answered: a sum over too few is no score, and what is
too few belongs to the instrument, not to the engine.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clinic.intake.rules.expressions import Reckoning
from clinic.intake.rules.form import Item
from clinic.intake.rules.state import Place, State


@dataclass(frozen=True, slots=True)
class Score:
    """The sum over the weighted questions below an item; `link_id` "" is the whole form."""

    link_id: str
    total: Decimal
    answered: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Sums of weights (the form's first, then its groups') and calculated values by linkId."""

    sums: tuple[Score, ...]
    calculated: tuple[tuple[str, tuple[Any, ...]], ...]
    faults: tuple[str, ...]


@dataclass(slots=True)
class _Sum:
    total: Decimal
    answered: int
    missing: list[str]


def score(*, state: State) -> Scores:
    """All scores of a settled state; answers of disabled questions do not count."""
    sums: dict[int, tuple[Item, _Sum]] = {}
    for item in state.form.items:
        weights = _weights(item)
        if not weights:
            continue
        for place in state.places_of(item):
            if place.is_enabled:
                _add(place, weights, sums)
    reckoning = Reckoning(state)
    reckoning.settle()
    calculated = tuple(
        (item.link_id, tuple(values))
        for item in state.form.items
        if item.limits.calculated and (values := _calculated(item, state, reckoning))
    )
    ordered = sorted(sums.values(), key=lambda pair: pair[0].order)
    return Scores(
        sums=tuple(_told(item, one) for item, one in ordered),
        calculated=calculated,
        faults=tuple(reckoning.faults),
    )


def _weights(item: Item) -> dict[Any, Any]:
    return {o.value.key: o.weight for o in item.options if o.weight is not None}


def _add(place: Place, weights: dict[Any, Any], sums: dict[int, tuple[Item, _Sum]]) -> None:
    found = [weights[value.key] for value in place.values if value.key in weights]
    above = place.parent
    while above is not None:
        _item, one = sums.setdefault(above.item.order, (above.item, _Sum(Decimal(0), 0, [])))
        one.total += sum((Decimal(weight) for weight in found), Decimal(0))
        if place.answers:
            one.answered += 1
        else:
            one.missing.append(place.item.link_id)
        above = above.parent


def _calculated(item: Item, state: State, reckoning: Reckoning) -> list[Any]:
    return [
        value
        for place in state.places_of(item)
        if place.is_enabled
        for value in reckoning.results.get(place.order, [])
    ]


def _told(item: Item, one: _Sum) -> Score:
    return Score(item.link_id, one.total, one.answered, tuple(one.missing))
