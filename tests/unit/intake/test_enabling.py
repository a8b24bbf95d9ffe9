"""enableWhen: operators, behaviour, nesting, repeats, FHIRPath."""

from typing import Any

import pytest

from clinic.intake.rules.checking import settled
from clinic.intake.rules.enabling import enabled_links
from clinic.intake.rules.exporting import effective_response
from tests.unit.intake.builders import (
    answered,
    check,
    faults_of,
    fhirpath,
    form_of,
    group,
    inside,
    item,
    questionnaire,
    response,
    told,
    when,
)

YES = {"valueBoolean": True}
NO = {"valueBoolean": False}
HERE = "QuestionnaireResponse.item"


def coding(code: str, system: str | None = None) -> dict[str, Any]:
    return {"code": code, "system": system} if system else {"code": code}


class TestOperators:
    @pytest.mark.parametrize(
        ("kind", "condition", "values", "expected"),
        [
            ("boolean", when("q", "exists", answerBoolean=True), [], False),
            ("boolean", when("q", "exists", answerBoolean=True), [NO], True),
            ("boolean", when("q", "exists", answerBoolean=False), [], True),
            ("boolean", when("q", "exists", answerBoolean=False), [NO], False),
            ("boolean", when("q", "=", answerBoolean=True), [], False),
            ("boolean", when("q", "!=", answerBoolean=True), [], True),
            ("boolean", when("q", "!=", answerBoolean=True), [NO], True),
            ("boolean", when("q", "!=", answerBoolean=True), [YES], False),
            ("integer", when("q", ">", answerInteger=3), [{"valueInteger": 3}], False),
            ("integer", when("q", ">=", answerInteger=3), [{"valueInteger": 3}], True),
            ("integer", when("q", "<", answerInteger=3), [], False),
            ("integer", when("q", "<=", answerInteger=3), [{"valueInteger": 4}], False),
            (
                "integer",
                when("q", ">", answerInteger=3),
                [{"valueInteger": n} for n in (1, 9)],
                True,
            ),
            (
                "integer",
                when("q", "=", answerInteger=3),
                [{"valueInteger": n} for n in (1, 3)],
                True,
            ),
            (
                "integer",
                when("q", "!=", answerInteger=3),
                [{"valueInteger": n} for n in (1, 3)],
                False,
            ),
            ("date", when("q", ">", answerDate="2020-06"), [{"valueDate": "2020-06-30"}], False),
            ("date", when("q", ">", answerDate="2020-06"), [{"valueDate": "2020-07-01"}], True),
            ("date", when("q", ">=", answerDate="2020-06"), [{"valueDate": "2020-06-30"}], True),
            ("string", when("q", "=", answerString="a"), [{"valueString": "a"}], True),
            (
                "choice",
                when("q", "=", answerCoding=coding("a")),
                [{"valueCoding": coding("a", "s")}],
                True,
            ),
            (
                "choice",
                when("q", "=", answerCoding=coding("a", "s")),
                [{"valueCoding": coding("a")}],
                True,
            ),
            (
                "choice",
                when("q", "=", answerCoding=coding("a", "s")),
                [{"valueCoding": coding("a", "t")}],
                False,
            ),
            (
                "quantity",
                when("q", ">", answerQuantity={"value": 1, "unit": "kg"}),
                [{"valueQuantity": {"value": 2, "unit": "g"}}],
                False,
            ),
            (
                "decimal",
                when("q", "=", answerDecimal=1),
                [{"valueDecimal": 1}],
                True,
            ),
        ],
    )
    def test_mean_what_r4_says(
        self, kind: str, condition: Any, values: list[Any], expected: bool
    ) -> None:
        form = form_of(item("q", kind, repeats=True), item("x", enableWhen=[condition]))
        answers = [answered("q", *values)] if values else []
        state = settled(form=form, raw=response(*answers))
        assert ("x" in enabled_links(state=state)) is expected


class TestBehavior:
    @pytest.mark.parametrize(
        ("behavior", "first", "second", "expected"),
        [
            ("all", YES, YES, True),
            ("all", YES, NO, False),
            ("any", YES, NO, True),
            ("any", NO, NO, False),
        ],
    )
    def test_joins(self, behavior: str, first: Any, second: Any, expected: bool) -> None:
        conditions = [when("a"), when("b")]
        form = form_of(
            item("a", "boolean"),
            item("b", "boolean"),
            item("x", enableWhen=conditions, enableBehavior=behavior),
        )
        raw = response(answered("a", first), answered("b", second))
        assert ("x" in enabled_links(state=settled(form=form, raw=raw))) is expected

    def test_must_be_given_for_several(self) -> None:
        raw = questionnaire(
            item("a", "boolean"), item("x", enableWhen=[when("a"), when("a", "!=")])
        )
        assert ("error", "invariant", "Questionnaire.item[1]") in told(faults_of(raw))


class TestNesting:
    def test_disables_what_is_below(self) -> None:
        form = form_of(
            item("a", "boolean"),
            group("g", item("b", "boolean"), item("c"), enableWhen=[when("a")]),
        )
        assert enabled_links(state=settled(form=form, raw=response())) == ["a"]

    def test_does_not_count_answers_of_a_disabled_question(self) -> None:
        form = form_of(
            item("a", "boolean"),
            item("b", "boolean", enableWhen=[when("a")]),
            item("c", enableWhen=[when("b")]),
        )
        raw = response(answered("b", YES), answered("c", {"valueString": "x"}))
        state = settled(form=form, raw=raw)
        assert enabled_links(state=state) == ["a"]
        assert "item" not in effective_response(state=state)
        assert check(form, raw) == [
            ("error", "business-rule", f"{HERE}[0]"),
            ("error", "business-rule", f"{HERE}[1]"),
        ]

    def test_reaches_below_answers(self) -> None:
        follow = item("b", enableWhen=[when("a")])
        form = form_of(item("a", "boolean", item=[follow]))
        raw = response(answered("a", {**YES, "item": [answered("b", {"valueString": "x"})]}))
        assert check(form, raw) == []
        raw = response(answered("a", {**NO, "item": [answered("b", {"valueString": "x"})]}))
        assert check(form, raw) == [("error", "business-rule", f"{HERE}[0].answer[0].item[0]")]

    def test_may_ask_a_later_question_with_a_warning(self) -> None:
        raw = questionnaire(item("x", enableWhen=[when("a")]), item("a", "boolean"))
        place = "Questionnaire.item[0].enableWhen[0]"
        assert told(faults_of(raw)) == [("warning", "business-rule", place)]

    def test_cannot_ask_what_is_inside(self) -> None:
        raw = questionnaire(group("g", item("a", "boolean"), enableWhen=[when("a")]))
        place = "Questionnaire.item[0].enableWhen"
        assert ("error", "invariant", place) in told(faults_of(raw))

    def test_cannot_ask_itself(self) -> None:
        raw = questionnaire(item("a", "boolean", enableWhen=[when("a")]))
        assert [one[:2] for one in told(faults_of(raw))] == [("error", "invariant")]


class TestRepeats:
    FORM = (
        group("g", item("a", "boolean"), item("x", enableWhen=[when("a")]), repeats=True),
        item("last", enableWhen=[when("a")]),
    )

    def test_ask_the_question_in_the_same_repetition(self) -> None:
        text = {"valueString": "x"}
        raw = response(
            inside("g", answered("a", YES), answered("x", text)),
            inside("g", answered("a", NO), answered("x", text)),
            inside("g", answered("x", text)),
        )
        assert check(form_of(*self.FORM), raw) == [
            ("error", "business-rule", f"{HERE}[1].item[1]"),
            ("error", "business-rule", f"{HERE}[2].item[0]"),
        ]

    @pytest.mark.parametrize(("final", "expected"), [(YES, True), (NO, False)])
    def test_ask_the_nearest_before_from_outside(self, final: Any, expected: bool) -> None:
        raw = response(inside("g", answered("a", YES)), inside("g", answered("a", final)))
        state = settled(form=form_of(*self.FORM), raw=raw)
        assert ("last" in enabled_links(state=state)) is expected


class TestExpressions:
    def test_decide_like_conditions(self) -> None:
        sum_of_two = "%resource.item.where(linkId='n').answer.value.sum() >= 5"
        hidden = item("x", extension=[fhirpath("enableWhenExpression", sum_of_two)])
        form = form_of(item("n", "integer", repeats=True), hidden)
        few = answered("n", {"valueInteger": 2})
        many = answered("n", {"valueInteger": 2}, {"valueInteger": 3})
        assert enabled_links(state=settled(form=form, raw=response(few))) == ["n"]
        assert enabled_links(state=settled(form=form, raw=response(many))) == ["n", "x"]

    def test_do_not_hear_disabled_answers(self) -> None:
        asks = fhirpath("enableWhenExpression", "%resource.item.where(linkId='b').exists()")
        form = form_of(
            item("a", "boolean"),
            item("b", "boolean", enableWhen=[when("a")]),
            item("c", extension=[asks]),
        )
        raw = response(answered("a", NO), answered("b", YES))
        assert enabled_links(state=settled(form=form, raw=raw)) == ["a"]

    def test_that_contradict_each_other_are_told(self) -> None:
        def unless(other: str) -> dict[str, Any]:
            path = f"%resource.item.where(linkId='{other}').answer.value.empty()"
            return fhirpath("enableWhenExpression", path)

        form = form_of(item("a", extension=[unless("b")]), item("b", extension=[unless("a")]))
        text = {"valueString": "x"}
        issues = check(form, response(answered("a", text), answered("b", text)))
        assert ("error", "invariant", "Questionnaire") in issues

    @pytest.mark.parametrize(
        ("text", "code"),
        [("now() > 1", "not-supported"), ("1 +", "invalid"), ("a.b(", "invalid"), ("€", "invalid")],
    )
    def test_that_cannot_be_used_are_told_and_left_out(self, text: str, code: str) -> None:
        raw = questionnaire(item("x", extension=[fhirpath("enableWhenExpression", text)]))
        found = faults_of(raw)
        assert [issue.code for issue in found] == [code]
        assert found[0].expression == "Questionnaire.item[0].extension[0]"
