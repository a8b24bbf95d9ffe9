"""Answers against what their questions ask."""

from typing import Any

import pytest

from clinic.intake.rules.checking import check_response
from clinic.intake.rules.prefill import first_response
from clinic.intake.rules.translation import (
    in_language,
    item_words,
    languages_of,
    option_words,
    untranslated,
)
from tests.unit.intake.builders import (
    CORE,
    answered,
    check,
    extension,
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

HERE = "QuestionnaireResponse.item[0]"
RULE = ("error", "business-rule", f"{HERE}.answer[0]")


def options(*codes: str, **extensions: Any) -> list[dict[str, Any]]:
    return [{"valueCoding": {"code": code}, **extensions.get(code, {})} for code in codes]


class TestLimits:
    @pytest.mark.parametrize(
        ("question", "value", "fault"),
        [
            (item("a", maxLength=3), {"valueString": "abcd"}, RULE),
            (item("a", maxLength=3), {"valueString": "abc"}, None),
            (
                item("a", extension=[extension("minLength", valueInteger=3)]),
                {"valueString": "ab"},
                RULE,
            ),
            (
                item("a", extension=[extension("regex", valueString="[0-9]+")]),
                {"valueString": "12a"},
                RULE,
            ),
            (
                item("a", extension=[extension("regex", valueString="[0-9]+")]),
                {"valueString": "12"},
                None,
            ),
            (item("a", "url"), {"valueUri": "https://example.com"}, None),
            (item("a", "boolean"), {"valueBoolean": False}, None),
            (item("a", "boolean"), {"valueBoolean": 1}, ("error", "value", f"{HERE}.answer[0]")),
            (
                item("a", "date"),
                {"valueDate": "2026-02-30"},
                ("error", "value", f"{HERE}.answer[0]"),
            ),
            (item("a", "date"), {"valueDate": "2026-02"}, None),
            (item("a", "dateTime"), {"valueDateTime": "2026-02-03T10:00:00+01:00"}, None),
            (
                item("a", "dateTime"),
                {"valueDateTime": "2026-02-03T10:00"},
                ("error", "value", f"{HERE}.answer[0]"),
            ),
            (item("a", "time"), {"valueTime": "24:00:00"}, ("error", "value", f"{HERE}.answer[0]")),
            (item("a", "text"), {"valueString": "a\nb"}, None),
            (
                item("a", "decimal"),
                {"valueInteger": 1},
                ("fatal", "structure", f"{HERE}.answer[0]"),
            ),
            (item("a", "choice", answerOption=options("x")), {"valueCoding": {"code": "y"}}, RULE),
            (item("a", "open-choice", answerOption=options("x")), {"valueString": "y"}, None),
            (
                item("a", "open-choice", answerOption=options("x")),
                {"valueCoding": {"code": "y"}},
                RULE,
            ),
            (item("a", "choice", answerOption=[{"valueInteger": 1}]), {"valueInteger": 2}, RULE),
            (
                item("a", "attachment", extension=[extension("mimeType", valueCode="image/*")]),
                {"valueAttachment": {"contentType": "image/png"}},
                None,
            ),
            (
                item("a", "attachment", extension=[extension("maxSize", valueDecimal=2)]),
                {"valueAttachment": {"size": 1, "data": "YWJjZA=="}},
                RULE,
            ),
            (
                item(
                    "a",
                    "reference",
                    extension=[extension("questionnaire-referenceResource", valueCode="Patient")],
                ),
                {"valueReference": {"reference": "Device/1"}},
                ("error", "invalid", f"{HERE}.answer[0]"),
            ),
        ],
    )
    def test_hold(self, question: Any, value: Any, fault: Any) -> None:
        found = check(form_of(question), response(answered("a", value)))
        assert found == ([] if fault is None else [fault])

    def test_count_answers(self) -> None:
        limits = [
            extension("questionnaire-minOccurs", valueInteger=2),
            extension("questionnaire-maxOccurs", valueInteger=3),
        ]
        form = form_of(item("a", repeats=True, required=True, extension=limits))
        for count, code in ((0, "required"), (1, "business-rule"), (2, None), (4, "business-rule")):
            values = [{"valueString": str(number)} for number in range(count)]
            found = [one[1] for one in check(form, response(answered("a", *values)))]
            assert found == ([code] if code else [])

    def test_count_repetitions_of_a_group(self) -> None:
        most = [extension("questionnaire-maxOccurs", valueInteger=1)]
        form = form_of(group("g", item("a"), repeats=True, extension=most))
        one = inside("g", answered("a", {"valueString": "x"}))
        assert check(form, response(one)) == []
        assert check(form, response(one, one)) == [("error", "business-rule", HERE)]

    def test_refuse_a_second_time_what_does_not_repeat(self) -> None:
        form = form_of(group("g", item("a")))
        one = inside("g", answered("a", {"valueString": "x"}))
        place = "QuestionnaireResponse.item[1]"
        assert check(form, response(one, one)) == [("error", "business-rule", place)]

    def test_refuse_what_excludes_the_rest(self) -> None:
        alone = {"extension": [extension("questionnaire-optionExclusive", valueBoolean=True)]}
        form = form_of(
            item("a", "choice", repeats=True, answerOption=options("x", "none", none=alone))
        )
        both = [{"valueCoding": {"code": code}} for code in ("x", "none")]
        assert check(form, response(answered("a", *both))) == [("error", "business-rule", HERE)]
        assert check(form, response(answered("a", both[1]))) == []


class TestRequired:
    def test_questions_must_be_answered(self) -> None:
        form = form_of(item("a", required=True))
        assert check(form, response()) == [("error", "required", "QuestionnaireResponse")]
        assert check(form, response(answered("a"))) == [("error", "required", HERE)]

    def test_hidden_ones_of_a_group_that_is_not_there_need_not(self) -> None:
        assert check(form_of(group("g", item("a", required=True))), response()) == []
        needed = form_of(group("g", item("a", required=True), required=True))
        assert check(needed, response()) == [("error", "required", "QuestionnaireResponse")]

    def test_disabled_ones_need_not(self) -> None:
        form = form_of(item("a", "boolean"), item("b", required=True, enableWhen=[when("a")]))
        assert check(form, response()) == []

    def test_ones_below_an_answer_must_too(self) -> None:
        form = form_of(item("a", item=[item("b", required=True)]))
        assert check(form, response()) == []
        raw = response(answered("a", {"valueString": "x"}))
        assert check(form, raw) == [("error", "required", HERE)]

    def test_are_warnings_while_writing(self) -> None:
        form = form_of(item("a", required=True))
        assert check(form, response(status="in-progress")) == [
            ("warning", "required", "QuestionnaireResponse")
        ]

    def test_calculated_answers_need_not_be_written(self) -> None:
        reckoned = item(
            "a", "integer", required=True, extension=[fhirpath("calculatedExpression", "2")]
        )
        form = form_of(reckoned)
        assert check(form, response()) == []
        wrong = response(answered("a", {"valueInteger": 3}))
        assert check(form, wrong) == [("warning", "business-rule", HERE)]


BELONGING = {"url": "https://example.com/q", "version": "2"}


class TestBelonging:
    @pytest.mark.parametrize(
        ("named", "code"),
        [
            ("https://example.com/q", None),
            ("https://example.com/q|2", None),
            ("https://example.com/q|1", "invalid"),
            ("https://example.com/other", "invalid"),
            (7, "structure"),
        ],
    )
    def test_is_by_address_and_version(self, named: Any, code: str | None) -> None:
        form = form_of(item("a"), **BELONGING)
        issues = told(list(check_response(form=form, raw=response(questionnaire=named))[1]))
        place = "QuestionnaireResponse.questionnaire"
        assert issues == ([("error", code, place)] if code else [])

    def test_is_in_time(self) -> None:
        form = form_of(item("a"), effectivePeriod={"start": "2026-01", "end": "2026-06-30"})
        for authored, count in (("2026-06-30T23:00:00Z", 0), ("2026-07-01", 1), ("2025-12-31", 1)):
            raw = response(authored=authored)
            issues = told(list(check_response(form=form, raw=raw)[1]))
            assert len([one for one in issues if one[1] == "business-rule"]) == count


def value(link_id: str) -> str:
    return f"item.where(linkId='{link_id}').answer.value"


class TestConstraints:
    @pytest.mark.parametrize(("high", "expected"), [(5, []), (1, [("error", "invariant", HERE)])])
    def test_say_their_sentence(self, high: int, expected: Any) -> None:
        parts = [
            {"url": "key", "valueId": "c1"},
            {"url": "severity", "valueCode": "error"},
            {"url": "human", "valueString": "Low must not be above high."},
            {
                "url": "expression",
                "valueString": f"{value('l')} <= {value('h')}",
            },
        ]
        constraint = {"url": f"{CORE}questionnaire-constraint", "extension": parts}
        form = form_of(
            group("g", item("l", "integer"), item("h", "integer"), extension=[constraint])
        )
        low, top = ({"valueInteger": number} for number in (2, high))
        assert (
            check(form, response(inside("g", answered("l", low), answered("h", top)))) == expected
        )


class TestDefinitions:
    @pytest.mark.parametrize(
        ("broken", "code", "place"),
        [
            (item("g", "group"), "invariant", ""),
            (item("d", "display", required=True), "invariant", ""),
            (item("a", "choice", answerOption=options("x"), answerValueSet="#v"), "invariant", ""),
            (item("a", "boolean", answerOption=options("x")), "invariant", ""),
            (item("a", "date", maxLength=3), "invariant", ""),
            (item("a", initial=[{"valueString": "x"}, {"valueString": "y"}]), "invariant", ""),
            (item("a", initial=[{"valueInteger": 1}]), "value", ".initial[0]"),
            (item("a", enableWhen=[when("none")]), "not-found", ".enableWhen[0]"),
            (item("a", enableWhen=[when("a", "~")]), "code-invalid", ".enableWhen[0].operator"),
            (
                item("a", enableWhen=[{"question": "a", "operator": "="}]),
                "structure",
                ".enableWhen[0]",
            ),
            (
                item("a", enableWhen=[when("a", "exists", answerInteger=1)]),
                "invariant",
                ".enableWhen[0]",
            ),
            (item("a", enableWhen=[when("a", ">", answerBoolean=True)]), "value", ".enableWhen[0]"),
            (item("a", required="yes"), "structure", ".required"),
            (item("a", colour="red"), "structure", ""),
            (item("a", modifierExtension=[{"url": "u"}]), "not-supported", ".modifierExtension"),
            (item("a", extension=[{"valueString": "x"}]), "required", ".extension[0]"),
            ({"type": "string"}, "required", ""),
            ({"linkId": "a"}, "required", ""),
            (item("a", "checkbox"), "code-invalid", ".type"),
        ],
    )
    def test_are_told_what_is_wrong_and_where(self, broken: Any, code: str, place: str) -> None:
        found = told(faults_of(questionnaire(broken)))
        assert ("error", code, f"Questionnaire.item[0]{place}") in found

    def test_are_told_what_has_no_effect(self) -> None:
        raw = questionnaire(
            item("a", extension=[{"url": "https://example.com/x", "valueCode": "y"}])
        )
        place = "Questionnaire.item[0].extension[0]"
        assert told(faults_of(raw)) == [("information", "not-supported", place)]


class TestFirstResponse:
    def test_holds_initial_values(self) -> None:
        chosen = options("x", "y", y={"initialSelected": True})
        patient = fhirpath("initialExpression", "%patient.name.first().family")
        form = form_of(
            group("g", item("a", initial=[{"valueString": "hello"}])),
            item("b", "choice", answerOption=chosen),
            item("c", extension=[patient]),
            item("d", extension=[fhirpath("initialExpression", "%unknown")]),
            url="https://example.com/q",
            version="1",
        )
        known = {"patient": [{"name": [{"family": "Osei"}]}]}
        found = first_response(form=form, lookup=known.get)
        assert found["questionnaire"] == "https://example.com/q|1"
        assert found["item"] == [
            {"linkId": "g", "item": [{"linkId": "a", "answer": [{"valueString": "hello"}]}]},
            {"linkId": "b", "answer": [{"valueCoding": {"code": "y"}}]},
            {"linkId": "c", "answer": [{"valueString": "Osei"}]},
        ]
        assert check(form, found) == []


def translated(text: str) -> dict[str, Any]:
    parts = [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": text}]
    return {"extension": [{"url": f"{CORE}translation", "extension": parts}]}


class TestTranslations:
    def test_fall_back_text_by_text(self) -> None:
        yes = {"code": "y", "display": "Yes", "_display": translated("Sí")}
        form = form_of(
            item("a", _text=translated("¿Dolor?")),
            item("b", "choice", answerOption=[{"valueCoding": yes}]),
            language="en",
        )
        first, second = form.items
        assert item_words(form=form, item=first, language="es").text == "¿Dolor?"
        assert item_words(form=form, item=second, language="es").language == "en"
        assert option_words(form=form, option=second.options[0], language="es").text == "Sí"
        assert untranslated(form=form, language="es") == ("b",)
        assert untranslated(form=form, language="en") == ()

    def test_make_a_form_speak_a_language_that_it_has_every_word_of(self) -> None:
        yes = {"code": "y", "display": "Yes", "_display": translated("Sí")}
        form = form_of(
            item("a", "choice", _text=translated("¿Duele?"), answerOption=[{"valueCoding": yes}]),
        )
        assert languages_of(form=form, asked_by_rules=()) == ("en", "es")
        # pages about danger are written in English only
        assert languages_of(form=form, asked_by_rules=("a",)) == ("en",)
        spoken = in_language(form=form, language="es")
        assert spoken["item"][0]["text"] == "¿Duele?"
        assert spoken["item"][0]["answerOption"][0]["valueCoding"]["display"] == "Sí"
        assert spoken["language"] == "es"
