"""What a save may leave alone: questions that others do not hang on, and rules that ask others."""

from typing import Any

import pytest

from clinic.intake.library import QUESTIONNAIRES, form, safety_rules
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.form import Form
from clinic.intake.rules.influence import decides_others, may_touch
from tests.unit.intake.builders import fhirpath, item, questionnaire, when

CODES = [{"system": "https://forms.example/codes", "code": "44"}]


def small(**alone: Any) -> Form:
    found, _issues = read_form(
        raw=questionnaire(
            item("asked", "boolean"),
            item("asking", enableWhen=[when("asked")], code=CODES),
            item("above", item=[item("below")]),
            item("alone", **alone),
        )
    )
    assert found is not None
    return found


class TestWhatDecidesOthers:
    @pytest.mark.parametrize(
        ("changed", "does"),
        [("asked", True), ("above", True), ("asking", False), ("below", False), ("alone", False)],
    )
    def test_is_what_others_are_enabled_by_or_stand_under(self, changed: str, does: bool) -> None:
        assert decides_others(form=small(), changed=[changed]) is does

    def test_is_anything_where_a_form_computes(self) -> None:
        computing = small(extension=[fhirpath("calculatedExpression", "'x'")])
        assert decides_others(form=computing, changed=["alone"])


class TestWhatRulesSee:
    @pytest.mark.parametrize(
        ("changed", "rule_asks", "does"),
        [
            ("alone", "alone", True),
            ("alone", "below", False),
            ("asking", "code:44", True),
            ("asking", "code:45", False),
            ("asked", "alone", True),
            ("above", "below", True),
        ],
    )
    def test_is_touched_by_name_by_code_and_by_what_decides(
        self, changed: str, rule_asks: str, does: bool
    ) -> None:
        assert may_touch(form=small(), changed=[changed], questions=[rule_asks]) is does

    @pytest.mark.parametrize("name", QUESTIONNAIRES)
    def test_is_touched_by_each_question_that_our_rules_ask(self, name: str) -> None:
        ours = form(name=name)
        asked = [one for rule in safety_rules().rules for one in rule.questions]
        for question in set(asked) & ours.by_link.keys():
            assert may_touch(form=ours, changed=[question], questions=asked)
