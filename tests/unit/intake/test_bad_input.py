"""Whatever strangers send: an OperationOutcome within two seconds, never a traceback."""

import gc
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from clinic.intake.rules.checking import check_response
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.outcome import MOST_ISSUES, Issues, operation_outcome
from clinic.intake.rules.reading import Unreadable, read_json, write_json
from tests.unit.intake.builders import (
    answered,
    extension,
    fhirpath,
    group,
    inside,
    item,
    questionnaire,
    response,
    told,
    when,
)

SECONDS = 2.0

BOMB = "%resource.descendants().select(%resource.descendants().select(%resource.descendants()))"


@pytest.fixture(autouse=True)
def own_memory() -> Iterator[None]:
    """What other tests have left in memory is not searched for garbage on this one's time."""
    gc.freeze()
    yield
    gc.unfreeze()


def judged(definition: Any, answers: Any = None) -> list[tuple[str, str, str]]:
    """What the command would print, as (severity, code, place).

    Fails when it takes too long, in the process's own time: the machine may be busy.
    """
    began = time.process_time()
    issues = Issues()
    try:
        form, issues = read_form(raw=read_json(data=as_bytes(definition)))
        if answers is not None:
            raw = read_json(data=as_bytes(answers))
            if form is not None:
                issues.extend(check_response(form=form, raw=raw)[1])
    except Unreadable as fault:
        issues.extend((fault.issue,))
    assert write_json(operation_outcome(issues=issues)).isascii()
    assert time.process_time() - began < SECONDS
    return told(list(issues))


def as_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def codes(definition: Any, answers: Any = None) -> set[tuple[str, str]]:
    return {(severity, code) for severity, code, _place in judged(definition, answers)}


def nested(depth: int) -> dict[str, Any]:
    found = item("leaf")
    for level in range(depth):
        found = group(f"g{level}", found)
    return found


def nested_answer(depth: int) -> dict[str, Any]:
    found = answered("leaf", {"valueString": "a"})
    for level in range(depth):
        found = inside(f"g{level}", found)
    return found


class TestFiles:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"{nope",
            b"\xff\xfe",
            b'{"resourceType": NaN}',
            b'{"resourceType": -Infinity}',
            b'{"status": ' + b"9" * 5000 + b"}",
            b"[" * 1_000_000,
            b"{" * 1_000_000,
            b'{"a":' * 100_000,
        ],
    )
    def test_that_are_no_json_are_fatal(self, data: bytes) -> None:
        assert {severity for severity, _code in codes(data)} == {"fatal"}

    @pytest.mark.parametrize("value", [[], 7, "a", {}, {"resourceType": "Patient"}])
    def test_of_another_kind_are_fatal(self, value: Any) -> None:
        assert codes(value) == {("fatal", "invalid")}
        assert ("fatal", "invalid") in codes(questionnaire(item("a")), value)

    def test_of_nine_megabytes_are_not_read(self) -> None:
        assert codes(b" " * 9 * 1024 * 1024) == {("fatal", "too-long")}

    def test_of_five_megabytes_are(self) -> None:
        long = {**item("a"), "text": "x" * 5_000_000}
        assert codes(questionnaire(long)) == set()
        answer = answered("a", {"valueString": "x" * 5_000_000})
        assert ("error", "value") in codes(questionnaire(item("a")), response(answer))

    def test_with_a_byte_order_mark_are_read(self) -> None:
        data = b"\xef\xbb\xbf" + as_bytes(questionnaire(item("a")))
        assert codes(data) == set()

    def test_with_a_hundred_thousand_items_are_refused_whole(self) -> None:
        many = [{"linkId": str(number), "type": "string"} for number in range(100_000)]
        assert codes(questionnaire(*many)) == {("fatal", "too-costly")}

    def test_with_twelve_thousand_items_are_checked(self) -> None:
        many = [{"linkId": str(number), "type": "string"} for number in range(12_000)]
        answers = [answered(str(number), {"valueString": "a"}) for number in range(12_000)]
        assert not {
            one for one in codes(questionnaire(*many), response(*answers)) if one[0] == "error"
        }

    @pytest.mark.parametrize("depth", [200, 400])
    def test_nested_deeply_are_checked(self, depth: int) -> None:
        found = codes(questionnaire(nested(depth)), response(nested_answer(depth)))
        assert found == {("warning", "required")}

    @pytest.mark.parametrize("value", ["a", 1, None, [], {}, [[]], [None, 1, "a"]])
    def test_with_something_else_for_items_are_errors(self, value: Any) -> None:
        broken = {**questionnaire(item("a")), "item": value}
        assert any(severity in {"error", "fatal"} for severity, _code in codes(broken))
        answers = {**response(answered("a")), "item": value}
        found = codes(questionnaire(item("a")), answers)
        assert any(severity in {"error", "fatal"} for severity, _code in found)


class TestTexts:
    def test_with_half_a_character_are_errors(self) -> None:
        broken = b'{"resourceType":"Questionnaire","status":"active","item":[{"linkId":"a","type"'
        broken += b':"string","text":"\\ud800"}]}'
        assert codes(broken) == {("error", "value")}
        answers = b'{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId"'
        answers += b':"a","answer":[{"valueString":"\\udfff"}]}]}'
        assert ("error", "value") in codes(questionnaire(item("a")), answers)

    def test_with_html_are_warned_about(self) -> None:
        form = questionnaire({**item("a"), "text": "<script>alert(1)</script>"})
        assert judged(form) == [("warning", "value", "Questionnaire.item[0].text")]
        assert codes(questionnaire({**item("a"), "text": "Is 3 < 5, or x<y?"})) == set()


class TestNumbers:
    @pytest.mark.parametrize("number", [b"1e999999999", b"-1e-999999999", b"9" * 4000])
    def test_beyond_measure_are_compared(self, number: bytes) -> None:
        bounds = [
            extension("maxValue", valueDecimal=1),
            extension("maxDecimalPlaces", valueInteger=2),
        ]
        form = questionnaire(item("a", "decimal", extension=bounds, maxLength=5))
        answers = b'{"resourceType":"QuestionnaireResponse","status":"completed","item":[{"linkId"'
        answers += b':"a","answer":[{"valueDecimal":' + number + b"}]}]}"
        assert ("error", "business-rule") in codes(form, answers)

    @pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 10**400, True, "1", 1.5, None])
    def test_that_are_no_integers_are_errors(self, number: Any) -> None:
        answers = response(answered("a", {"valueInteger": number}))
        found = judged(questionnaire(item("a", "integer")), answers)
        assert ("error", "value", "QuestionnaireResponse.item[0].answer[0]") in found


class TestDefinitions:
    def test_with_a_circle_of_twelve_thousand_are_told(self) -> None:
        many = [
            item(str(n), "boolean", enableWhen=[when(str((n or 12_000) - 1))])
            for n in range(12_000)
        ]
        found = judged(questionnaire(*many))
        assert len(found) == MOST_ISSUES + 1
        assert ("error", "invariant", "Questionnaire.item[5].enableWhen") in found

    def test_with_the_same_link_again_keep_the_first(self) -> None:
        found = judged(questionnaire(item("a"), item("a", "integer")))
        assert found == [("error", "duplicate", "Questionnaire.item[1].linkId")]

    @pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
    def test_with_hostile_patterns_cost_nothing(self, pattern: str) -> None:
        form = questionnaire(item("a", "text", extension=[extension("regex", valueString=pattern)]))
        answers = response(answered("a", {"valueString": "a" * 1_000_000 + "!"}))
        assert ("error", "business-rule") in codes(form, answers)

    @pytest.mark.parametrize("pattern", ["(?=a)b", "(a)\\1", "[", "(a{1000}){1000}", "a" * 2000])
    def test_with_patterns_beyond_us_say_so(self, pattern: str) -> None:
        form = questionnaire(item("a", "text", extension=[extension("regex", valueString=pattern)]))
        assert judged(form) == [("warning", "not-supported", "Questionnaire.item[0].extension[0]")]

    def test_with_large_patterns_on_long_answers_stop_in_time(self) -> None:
        pattern = extension("regex", valueString="(.*a){12}(.*b){12}(.*c){12}")
        form = questionnaire(item("a", "text", repeats=True, extension=[pattern]))
        answers = response(answered("a", *[{"valueString": "abc" * 33_000}] * 40))
        assert ("warning", "too-costly") in codes(form, answers)

    @pytest.mark.parametrize(
        "text",
        [
            BOMB,
            "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'.toChars().aggregate($total & $total & 'a', 'b')",
            "1" + "+1" * 1900,
            "%a.combine(%a)",
            "repeat($this & 'a')",
        ],
    )
    def test_with_hostile_expressions_stop_in_time(self, text: str) -> None:
        many = [
            item(f"q{n}", "integer", extension=[fhirpath("calculatedExpression", text)])
            for n in range(300)
        ]
        doubling = [
            extension(
                "variable",
                valueExpression={
                    "name": "a" if n == 39 else f"v{n}",
                    "language": "text/fhirpath",
                    "expression": f"%v{n - 1}.combine(%v{n - 1})" if n else "1 | 2",
                },
            )
            for n in range(40)
        ]
        answers = response(*(answered(f"q{n}", {"valueInteger": 1}) for n in range(300)))
        judged(questionnaire(*many, extension=doubling), answers)


class TestAnswers:
    def test_for_unknown_items_are_errors(self) -> None:
        found = judged(questionnaire(item("a")), response(answered("b", {"valueString": "x"})))
        assert ("error", "not-found", "QuestionnaireResponse.item[0]") in found

    def test_in_their_hundred_thousands_are_refused(self) -> None:
        many = answered("a", *[{"valueInteger": 1}] * 200_000)
        form = questionnaire(item("a", "integer", repeats=True))
        assert ("fatal", "too-costly") in codes(form, response(many))

    def test_that_multiply_places_are_refused(self) -> None:
        questions = [item(str(number)) for number in range(9000)]
        form = questionnaire(group("g", *questions, repeats=True))
        assert ("fatal", "too-costly") in codes(form, response(*[{"linkId": "g"}] * 9000))

    def test_that_multiply_conditions_are_refused(self) -> None:
        hidden = item("x", enableWhen=[when("q")] * 20_000, enableBehavior="any")
        form = questionnaire(item("q", "boolean"), group("g", hidden, repeats=True))
        answers = response(*[inside("g", answered("x", {"valueString": "a"}))] * 5000)
        assert ("fatal", "too-costly") in codes(form, answers)

    @pytest.mark.parametrize(
        "answer",
        [None, 1, [], {}, {"valueString": "a", "valueInteger": 1}, {"value": 1}, {"valueX": {}}],
    )
    def test_without_one_value_are_fatal(self, answer: Any) -> None:
        broken = {"linkId": "a", "answer": [answer]}
        assert ("fatal", "structure") in codes(questionnaire(item("a")), response(broken))
