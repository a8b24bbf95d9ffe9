"""What a save may leave alone: questions that others do not hang on, and rules that ask others."""

import random
from typing import Any

import pytest

from clinic.intake.library import QUESTIONNAIRES, form, safety_rules
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.influence import decides_others, fires, may_touch, weighed
from clinic.intake.rules.safety import Rule, RuleSet, fired_rules
from clinic.intake.rules.state import State
from clinic.intake.rules.working import Answers, state_of
from tests.unit.intake.builders import fhirpath, group, item, questionnaire, when

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


class TestWhatRulesWeigh:
    def test_is_what_they_ask_and_what_decides_whether_that_counts(self) -> None:
        nested = questionnaire(
            item("first", "boolean"),
            item("second", "boolean", enableWhen=[when("first")]),
            group("above", item("asked"), enableWhen=[when("second")]),
            item("other"),
        )
        found, _issues = read_form(raw=nested)
        assert found is not None
        assert weighed(form=found, questions=["asked"]) == ("above", "asked", "first", "second")
        assert weighed(form=found, questions=["other", "elsewhere"]) == ("other",)
        assert weighed(form=small(), questions=["code:44"]) == ("asked", "asking")

    def test_is_anything_where_a_form_computes(self) -> None:
        computing = small(extension=[fhirpath("calculatedExpression", "'x'")])
        assert weighed(form=computing, questions=["asked"]) is None


class TestWhetherRulesFire:
    """What is remembered of answers weighed before is never anything else than weighing them."""

    @pytest.mark.parametrize("name", QUESTIONNAIRES)
    def test_is_what_the_rules_say_whatever_was_weighed_before(self, name: str) -> None:
        ours, chance = form(name=name), random.Random(name)
        questions = [one for one in ours.items if one.options or one.type == "boolean"]
        answers: Answers = {}
        for _turn in range(150):
            for changed in chance.sample(questions, min(3, len(questions))):
                answers[changed.link_id] = _any_answer(changed, chance)
            age = chance.choice([None, 12, 30, 55, 80])
            state = state_of(form=ours, answers=answers)
            expected = bool(fired_rules(rules=safety_rules(), state=state, age=age))
            assert _fires(ours, answers, age) is expected

    def test_is_weighed_again_when_an_answer_that_rules_see_changes(self) -> None:
        ours, weighed_anew = form(name="about-you"), []

        def settle() -> State:
            weighed_anew.append(1)
            return state_of(form=ours, answers=answers)

        answers: Answers = {"name-first": [{"valueString": "Ana"}]}
        rules = RuleSet("a", "1", "sha", (_always(),), frozenset({"name-first"}))
        for text, times in [("Ana", 1), ("Ana", 1), ("Bea", 2), ("Ana", 2)]:
            answers["name-first"] = [{"valueString": text}]
            answers["name-last"] = [{"valueString": f"{text} {times}"}]
            assert fires(rules=rules, form=ours, answers=answers, age=40, settle=settle)
            assert len(weighed_anew) == times
        assert fires(rules=rules, form=ours, answers=answers, age=41, settle=settle)
        assert len(weighed_anew) == 3


def _fires(ours: Form, answers: Answers, age: int | None) -> bool:
    def settle() -> State:
        return state_of(form=ours, answers=answers)

    return fires(rules=safety_rules(), form=ours, answers=answers, age=age, settle=settle)


def _any_answer(asked: Item, chance: random.Random) -> list[dict[str, Any]]:
    if asked.type == "boolean":
        return chance.choice([[], [{"valueBoolean": True}], [{"valueBoolean": False}]])
    option = chance.choice(asked.options)
    return [{f"value{option.value.kind}": option.value.raw}] if chance.random() < 0.8 else []


def _always() -> Rule:
    return Rule("always", "PRIORITY", "", "", lambda _facts: True, ("name-first",))
