"""What holds for every form and every answer."""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.intake.rules.checking import check_response, settled
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.enabling import enabled_links
from clinic.intake.rules.exporting import effective_response
from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.state import Place, State
from tests.unit.intake.random_forms import random_form, random_response

seeds = st.integers(min_value=0, max_value=2**32)


def drawn(seed: int) -> tuple[Random, Form, dict[str, Any]]:
    random = Random(seed)
    raw = random_form(random, random.randint(1, 25))
    form, issues = read_form(raw=raw)
    assert form is not None
    assert [issue.text for issue in issues if issue.refuses and "circle" not in issue.text] == []
    return random, form, random_response(random, raw)


def there(state: State) -> list[Place]:
    return [place for place in state.places if place.answers]


class TestAnyForm:
    @given(seed=seeds)
    @settings(max_examples=150, deadline=None)
    def test_accepts_enabled_answers_only(self, seed: int) -> None:
        _random, form, raw = drawn(seed)
        raw["status"] = "completed"
        state, issues = check_response(form=form, raw=raw)
        assert state is not None
        if not issues.refused:
            assert all(place.is_enabled for place in there(state))

    @given(seed=seeds)
    @settings(max_examples=150, deadline=None)
    def test_enables_the_same_once_disabled_answers_are_gone(self, seed: int) -> None:
        _random, form, raw = drawn(seed)
        state = settled(form=form, raw=raw)
        kept = effective_response(state=state)
        again = settled(form=form, raw=kept)
        assert enabled_links(state=again) == enabled_links(state=state)
        assert all(place.is_enabled for place in there(again))
        assert effective_response(state=again) == kept

    @given(seed=seeds)
    @settings(max_examples=150, deadline=None)
    def test_settles_alike_in_every_order(self, seed: int) -> None:
        random, form, raw = drawn(seed)
        first = [place.is_enabled for place in settled(form=form, raw=raw).places]
        form.evaluation_order = tuple(another_order(form, random))
        assert [place.is_enabled for place in settled(form=form, raw=raw).places] == first


def another_order(form: Form, random: Random) -> list[Item]:
    """Any order in which every item comes after those it waits for."""
    waiting = list(form.items)
    done: list[Item] = []
    names: set[str] = set()
    while waiting:
        ready = [item for item in waiting if wanted(item) <= names]
        chosen = random.choice(ready or waiting[:1])
        waiting.remove(chosen)
        done.append(chosen)
        names.add(chosen.link_id)
    return done


def wanted(item: Item) -> set[str]:
    above = item.parent
    parents = {above.link_id} if above is not None and above.parent is not None else set()
    asked = set() if item.is_cyclic else {condition.question for condition in item.conditions}
    return parents | asked
