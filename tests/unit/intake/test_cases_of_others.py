"""HL7's, NLM's and Google's own cases: we accept, refuse and enable what they do."""

import copy
import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft6Validator

from clinic.intake.rules.checking import check_response, settled
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.enabling import enabled_links
from clinic.intake.rules.exporting import effective_response
from clinic.intake.rules.form import Form
from clinic.intake.rules.outcome import Issues, operation_outcome
from clinic.intake.rules.reading import write_json
from clinic.intake.rules.scores import score
from tests.unit.intake.outside import FHIR, cases, load, needs_outside

pytestmark = needs_outside

CYCLIC = "q-enableWhen-with-reference-loop.json"
FORMS = (
    "date-in-repeating-group.json",
    "phq9.json",
    "q-items-under-repeating-choice-item.json",
    "q-with-minOccurs-maxOccurs.json",
    "questionnaire-calculatedExpression.json",
    "questionnaire-initialx.json",
    "weightHeightQuestionnaire.json",
)


def read(*parts: str) -> tuple[Form, Issues]:
    form, issues = read_form(raw=load(*parts))
    assert form is not None
    return form, issues


@cache
def schema() -> dict[str, Any]:
    text = FHIR.joinpath("fhir.schema.R4.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def schema_faults(resource: Any) -> list[str]:
    plain = json.loads(write_json(resource))
    definition = {
        "$schema": schema()["$schema"],
        "$ref": f"#/definitions/{plain['resourceType']}",
        "definitions": schema()["definitions"],
    }
    return [error.message for error in Draft6Validator(definition).iter_errors(plain)]


class TestAnswerValidation:
    @pytest.mark.parametrize("case", cases("answer-validation"), ids=lambda case: case["name"])
    def test_accepts_and_refuses_with_the_same_codes_at_the_same_places(self, case: Any) -> None:
        form, issues = read("answer-validation", case["questionnaire"])
        raw = load("answer-validation", case["response"])
        issues.extend(check_response(form=form, raw=raw)[1])
        assert issues.refused is not case["expectSuccess"]
        found = {(issue.severity, issue.code, issue.expression) for issue in issues}
        for issue in case["expectedIssues"]:
            assert (issue["severity"], issue["code"], issue["expression"][0]) in found

    @pytest.mark.parametrize("case", cases("answer-validation"), ids=lambda case: case["name"])
    def test_answers_with_a_valid_operation_outcome(self, case: Any) -> None:
        form, issues = read("answer-validation", case["questionnaire"])
        raw = load("answer-validation", case["response"])
        issues.extend(check_response(form=form, raw=raw)[1])
        assert schema_faults(operation_outcome(issues=issues)) == []


def placed(one: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any] | None:
    nested = [found for child in one.get("item", []) if (found := placed(child, answers))]
    if one["type"] == "group":
        return {"linkId": one["linkId"], "item": nested} if nested else None
    if one["linkId"] not in answers:
        return None
    given = copy.deepcopy(answers[one["linkId"]])
    if nested:
        given[0]["item"] = nested
    return {"linkId": one["linkId"], "answer": given}


def states() -> list[Any]:
    return [
        pytest.param(suite["questionnaire"], case, id=f"{suite['questionnaire']}: {case['name']}")
        for suite in cases("enablement", "suites")
        for case in suite["cases"]
    ]


class TestEnablement:
    @pytest.mark.parametrize(("name", "case"), states())
    def test_enables_what_they_enable(self, name: str, case: Any) -> None:
        raw = load("enablement", name)
        form, _issues = read("enablement", name)
        items = [found for one in raw["item"] if (found := placed(one, case["answers"]))]
        answers = {"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": items}
        enabled = set(enabled_links(state=settled(form=form, raw=answers)))
        assert set(case["enabled"]) <= enabled
        assert not set(case["disabled"]) & enabled

    def test_reports_a_circle_item_by_item(self) -> None:
        _form, issues = read("enablement", CYCLIC)
        told = {issue.expression for issue in issues if issue.refuses}
        assert told == {f"Questionnaire.item[{index}].enableWhen" for index in range(3)}


class TestQuestionnaires:
    @pytest.mark.parametrize("name", FORMS)
    def test_are_accepted(self, name: str) -> None:
        _form, issues = read("questionnaires", name)
        assert [issue.text for issue in issues if issue.refuses] == []

    def test_take_items_below_the_answers_of_a_repeating_question(self) -> None:
        form, _issues = read("questionnaires", "q-items-under-repeating-choice-item.json")
        raw = load("questionnaires", "qr-items-under-repeating-choice-item.json")
        state, issues = check_response(form=form, raw=raw)
        assert state is not None
        assert [issue.text for issue in issues if issue.refuses] == []
        assert effective_response(state=state, with_texts=True)["item"] == raw["item"]

    def test_add_up_the_phq9(self) -> None:
        form, _issues = read("questionnaires", "phq9.json")
        state = settled(form=form, raw=phq9_answers(form, [0, 1, 2, 3, 0, 1, 2, 3, 1]))
        found = score(state=state)
        assert found.sums[0].total == 13
        assert found.sums[0].answered == 9
        assert dict(found.calculated)["/44261-6"] == (13,)

    def test_reckon_a_body_mass_index(self) -> None:
        form, _issues = read("questionnaires", "weightHeightQuestionnaire.json")
        items = [
            {"linkId": "/29463-7", "answer": [{"valueDecimal": 70}]},
            {"linkId": "/8302-2", "answer": [{"valueDecimal": 70}]},
        ]
        raw = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}
        found = score(state=settled(form=form, raw=raw))
        assert [float(value) for value in dict(found.calculated)["/39156-5"]] == [22.1]

    def test_calculate_answers_of_all_types(self) -> None:
        form, _issues = read("questionnaires", "questionnaire-calculatedExpression.json")
        items = [{"linkId": "string-to-split", "answer": [{"valueString": "abc"}]}]
        raw = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}
        found = dict(score(state=settled(form=form, raw=raw)).calculated)
        assert found["/type-integer"] == (123,)
        assert found["repeating-string"] == ("a", "b", "c")
        assert found["repeating-open-choice-from-string"] == ("a", "b", "c")
        assert [coding["code"] for coding in found["repeating-choice"]] == ["b", "g"]

    @pytest.mark.parametrize("name", FORMS)
    def test_export_answers_that_are_valid(self, name: str) -> None:
        form, _issues = read("questionnaires", name)
        exported = effective_response(state=settled(form=form, raw=sample(form)), with_texts=True)
        assert schema_faults(exported) == []
        assert "item" in exported


def phq9_answers(form: Form, weights: list[int]) -> dict[str, Any]:
    items = [
        {"linkId": one.link_id, "answer": [{"valueCoding": one.options[weight].value.raw}]}
        for one, weight in zip(form.items, weights, strict=False)
    ]
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}


def sample(form: Form) -> dict[str, Any]:
    """One answer to every question on the uppermost level and in groups there."""
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [built for one in form.root.children if (built := _sampled(one))],
    }


def _sampled(one: Any) -> dict[str, Any] | None:
    if one.type == "group":
        nested = [built for child in one.children if (built := _sampled(child))]
        return {"linkId": one.link_id, "item": nested}
    values: dict[str, dict[str, Any]] = {
        "string": {"valueString": "a"},
        "integer": {"valueInteger": 1},
        "decimal": {"valueDecimal": 1},
        "boolean": {"valueBoolean": True},
        "date": {"valueDate": "2026-01-31"},
        "dateTime": {"valueDateTime": "2026-01-31T10:00:00Z"},
        "time": {"valueTime": "10:00:00"},
    }
    value = values.get(one.type)
    if one.options:
        value = {f"value{one.options[0].value.kind}": one.options[0].value.raw}
    return {"linkId": one.link_id, "answer": [value]} if value else None
