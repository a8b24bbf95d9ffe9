"""What a script is told of a page: the same that a page drawn anew would show."""

import random
from typing import Any

import pytest

from clinic.intake.library import QUESTIONNAIRES, form
from clinic.intake.presenters.block import Drawing
from clinic.intake.presenters.blocks import present_blocks
from clinic.intake.presenters.shape import shape_of_blocks, shape_of_page
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.influence import decide_page
from clinic.intake.rules.names import is_repeated
from clinic.intake.rules.sections import sections_of
from clinic.intake.rules.working import Answers, state_of, units
from tests.unit.intake.builders import fhirpath, group, item, questionnaire, when


def any_answer(asked: Item, chance: random.Random) -> list[dict[str, Any]]:
    if chance.random() < 0.3:
        return []
    if is_repeated(asked):
        inner = [one for one in units(item=asked) if not is_repeated(one)]
        many = range(chance.randint(1, 3))
        return [{one.link_id: any_answer(one, chance) for one in inner} for _ in many]
    if asked.options:
        option = chance.choice(asked.options)
        return [{f"value{option.value.kind}": option.value.raw}]
    known: dict[str, dict[str, Any]] = {
        "boolean": {"valueBoolean": chance.random() < 0.5},
        "integer": {"valueInteger": chance.randint(0, 9)},
        "decimal": {"valueDecimal": chance.randint(0, 9)},
        "quantity": {"valueQuantity": {"value": chance.randint(0, 9)}},
        "date": {"valueDate": "2020-01"},
        "attachment": {"valueAttachment": {"url": "/files/a", "title": "a"}},
    }
    return [known.get(asked.type, {"valueString": chance.choice("abc")})]


def nested() -> Form:
    """Repetitions with conditions in them, questions below questions, and answers only shown."""
    inner = group("many", item("kind", "boolean"), item("why", enableWhen=[when("kind")]))
    found, _issues = read_form(
        raw=questionnaire(
            group("one", item("opens", "boolean"), {**inner, "repeats": True}),
            group(
                "two",
                item("above", "boolean", item=[item("below", "boolean")]),
                item("shown", readOnly=True),
                item("far", enableWhen=[when("below")]),
                enableWhen=[when("opens")],
            ),
        )
    )
    assert found is not None
    return found


class TestShapeOfPage:
    @pytest.mark.parametrize("name", [*QUESTIONNAIRES, ""])
    def test_is_that_of_the_page_drawn_anew_whatever_was_drawn_before(self, name: str) -> None:
        ours, chance = form(name=name) if name else nested(), random.Random(name)
        asked = list(units(item=ours.root))
        answers: Answers = {}
        for _turn in range(60):
            for changed in chance.sample(asked, min(2, len(asked))):
                answers[changed.link_id] = any_answer(changed, chance)
            state = state_of(form=ours, answers=answers)
            section = chance.choice(sections_of(form=ours))
            drawing = Drawing(form=ours, state=state)
            drawn = shape_of_blocks(present_blocks(drawing=drawing, items=section.items))
            assert shape_of_page(form=ours, section=section, answers=answers) == drawn

    def test_follows_from_what_decides_and_from_no_other_answer(self) -> None:
        one, two = sections_of(form=nested())
        assert decide_page(form=nested(), section=one) == ("kind", "many", "one")
        decides = ("above", "below", "one", "opens", "shown", "two")
        assert decide_page(form=nested(), section=two) == decides
        computing, _issues = read_form(
            raw=questionnaire(
                group("g", item("a", extension=[fhirpath("calculatedExpression", "'x'")]))
            )
        )
        assert computing is not None
        assert decide_page(form=computing, section=sections_of(form=computing)[0]) is None
