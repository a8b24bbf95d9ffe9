"""Safety rules and patterns over stories of patients (vignettes.json)."""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from clinic.intake import library
from clinic.intake.rules.checking import settled
from clinic.intake.rules.patterns import Listing, list_patterns, read_patterns
from clinic.intake.rules.safety import (
    SafetyEvent,
    fired_rules,
    highest_level,
    open_rules,
    read_rules,
)
from tests.unit.intake.builders import fill, form_of, item, response, settled_on

STORIES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("vignettes.json").read_text(encoding="utf-8")
)["vignettes"]


def ids(story: dict[str, Any]) -> str:
    return f"{story['id']} {story['represents']}"


def heard(answers: dict[str, Any]) -> tuple[tuple[SafetyEvent, ...], tuple[Listing, ...]]:
    given = {name: value for name, value in answers.items() if name != "age"}
    age = answers.get("age")
    state = settled_on(library.form(name="symptoms"), given)
    events = fired_rules(rules=library.safety_rules(), state=state, age=age)
    patterns = library.pattern_rules()
    return events, list_patterns(patterns=patterns, state=state, age=age, fired=events)


def flags(answers: dict[str, Any]) -> list[str]:
    return [event.rule_id for event in heard(answers)[0]]


class TestStories:
    @pytest.mark.parametrize("story", STORIES, ids=ids)
    def test_raise_their_red_flags(self, story: dict[str, Any]) -> None:
        found = flags(story["answers"])
        assert set(story["redFlags"]) <= set(found)
        assert not set(story.get("notRedFlags", [])) & set(found)

    @pytest.mark.parametrize("story", STORIES, ids=ids)
    def test_list_their_patterns(self, story: dict[str, Any]) -> None:
        found = [listing.pattern_id for listing in heard(story["answers"])[1]]
        assert set(story["mustList"]) <= set(found)
        assert not set(story.get("mustNotList", [])) & set(found)

    @pytest.mark.parametrize("story", STORIES, ids=ids)
    def test_give_the_same_events_again(self, story: dict[str, Any]) -> None:
        old_rules, _issues = read_rules(raw=library.definition(name="safety-rules"))
        assert old_rules is not None
        state = settled_on(library.form(name="symptoms"), without_age(story))
        age = story["answers"].get("age")
        again = fired_rules(rules=old_rules, state=state, age=age)
        assert again == heard(story["answers"])[0]

    def test_cover_every_symptom_cause_and_rule(self) -> None:
        told = {story["id"] for story in STORIES}
        assert {f"S{n}" for n in range(1, 9)} | {f"C{n}" for n in range(1, 7)} <= told
        fired = {flag for story in STORIES for flag in flags(story["answers"])}
        rules = {rule.id for rule in library.safety_rules().rules}
        assert rules - fired == {"RF-SH-1"}  # asks the PHQ-9, below


def without_age(story: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in story["answers"].items() if name != "age"}


class TestRules:
    def test_hear_an_answer_before_the_form_is_complete(self) -> None:
        assert flags({"rf-vasc": ["tearing"]}) == ["RF-AAA-1"]

    def test_do_not_hear_a_question_that_is_not_asked(self) -> None:
        assert flags({"rf-dvt": ["none"], "rf-pe": "yes"}) == []

    def test_hear_a_misplaced_answer(self) -> None:
        form = library.form(name="symptoms")
        placed = fill(form, {"rf-motor": "yes-worse"})
        loose = response(*placed["item"][0]["item"])
        state = settled(form=form, raw=loose)
        events = fired_rules(rules=library.safety_rules(), state=state, age=None)
        assert [event.rule_id for event in events] == ["RF-MOTOR-1"]

    def test_keep_the_answers_that_raised_them(self) -> None:
        event = heard({"rf-motor": "yes-worse"})[0][0]
        assert event.answers == (("rf-motor", ("yes-worse",)),)
        assert event.rule_set == "safety-rules|1.1.0"
        assert len(event.sha256) == 64

    @pytest.mark.parametrize(
        ("answers", "waiting"),
        [
            ({"rf-ces": ["saddle"]}, ["RF-CES-1"]),
            ({"rf-ces": ["saddle"], "rf-ces-when": "gt-3mo"}, []),
            ({"rf-ces": ["saddle"], "rf-ces-when": "lt-2wk"}, []),
            ({"rf-ces": ["none"]}, []),
            ({"rf-dvt": ["calf-pain"], "rf-pe": "no"}, ["RF-DVT-1"]),
            ({"rf-dvt": ["calf-pain"], "rf-dvt-risk": ["none"]}, []),
            ({"rf-dvt": ["calf-swell", "calf-pain"]}, []),  # fires at once
            ({}, []),
        ],
    )
    def test_know_what_waits_for_another_answer(
        self, answers: dict[str, Any], waiting: list[str]
    ) -> None:
        form, rules = library.form(name="symptoms"), library.safety_rules()
        state = settled(form=form, raw=fill(form, answers))
        assert [one.rule_id for one in open_rules(rules=rules, state=state, age=40)] == waiting
        fired = {one.rule_id for one in fired_rules(rules=rules, state=state, age=40)}
        assert fired.isdisjoint(waiting)

    @pytest.mark.parametrize(
        "wrong",
        ["later", {"when": {"question": "a", "unanswered": True}}, {"title": "T", "when": 1}],
    )
    def test_are_refused_with_a_wrong_meanwhile(self, wrong: Any) -> None:
        raw = library.definition(name="safety-rules")
        raw["rules"][0]["meanwhile"] = wrong
        _found, issues = read_rules(raw=raw)
        assert any(".meanwhile" in issue.expression for issue in issues if issue.refuses)

    def test_do_not_guess_an_unknown_age(self) -> None:
        fall = {"mechanism": ["fall"], "trauma-bruise": False}
        assert "RF-FX-2" in flags({**fall, "age": 65})
        assert "RF-FX-2" not in flags({**fall, "age": 64})
        assert "RF-FX-2" not in flags(fall)

    @pytest.mark.parametrize(("weight", "level"), [(0, None), (1, "EMERGENCY")])
    def test_hear_thoughts_of_self_harm_in_a_phq9(self, weight: int, level: str | None) -> None:
        url = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
        options = [
            {"valueCoding": {"code": f"a{n}"}, "extension": [{"url": url, "valueDecimal": n}]}
            for n in range(4)
        ]
        form = form_of(item("q9", "choice", answerOption=options, code=[{"code": "44260-8"}]))
        answers = {"linkId": "q9", "answer": [{"valueCoding": {"code": f"a{weight}"}}]}
        state = settled(form=form, raw=response(answers))
        events = fired_rules(rules=library.safety_rules(), state=state, age=None)
        assert highest_level(events) == level

    def test_rank_their_levels(self) -> None:
        events = heard({"rf-system": ["fever"], "rf-motor": "yes-stable"})[0]
        assert {event.level for event in events} == {"PRIORITY", "SAME-DAY"}
        assert highest_level(events) == "SAME-DAY"
        assert highest_level(()) is None


def rule_set(condition: Any, **more: Any) -> dict[str, Any]:
    rule = {"id": "R", "level": "PRIORITY", "title": "t", "source": "s", "when": condition, **more}
    return {"format": "clinic-safety-rules/1", "id": "x", "version": "1", "rules": [rule]}


def fires(condition: Any, answers: dict[str, Any], age: int | None = None) -> bool:
    rules, issues = read_rules(raw=rule_set(condition))
    assert rules is not None
    assert list(issues) == []
    options = [{"valueCoding": {"code": code, "system": SYSTEM}} for code in "abc"]
    form = form_of(
        item("c", "choice", repeats=True, answerOption=options),
        item("n", "integer", repeats=True),
        item("b", "boolean"),
    )
    return bool(fired_rules(rules=rules, state=settled_on(form, answers), age=age))


SYSTEM = "https://example.org/fhir/CodeSystem/intake"


class TestConditions:
    @pytest.mark.parametrize(
        ("condition", "answers", "expected"),
        [
            ({"question": "c", "in": ["a"]}, {"c": ["a", "b"]}, True),
            ({"question": "c", "in": ["a"]}, {"c": ["b"]}, False),
            ({"question": "c", "in": ["a"]}, {}, False),
            ({"question": "c", "in": ["a", "b", "c"], "atLeast": 2}, {"c": ["a"]}, False),
            ({"question": "c", "in": ["a", "b", "c"], "atLeast": 2}, {"c": ["a", "c"]}, True),
            ({"question": "c", "lacks": ["a"]}, {"c": ["b"]}, True),
            ({"question": "c", "lacks": ["a"]}, {"c": ["a", "b"]}, False),
            ({"question": "c", "lacks": ["a"]}, {}, False),
            ({"question": "c", "only": ["a", "b"]}, {"c": ["a"]}, True),
            ({"question": "c", "only": ["a"]}, {"c": ["a", "b"]}, False),
            ({"question": "c", "only": ["a"]}, {}, False),
            ({"question": "n", "<=": 3}, {"n": [3]}, True),
            ({"question": "n", "<": 3}, {"n": [3]}, False),
            ({"question": "n", ">": 3}, {"n": [1, 4]}, True),
            ({"question": "n", ">=": 2, "<": 4}, {"n": [1, 5]}, False),
            ({"question": "n", ">=": 2, "<": 4}, {"n": [1, 3]}, True),
            ({"question": "n", ">": 0}, {}, False),
            ({"question": "b", "in": [True]}, {"b": True}, True),
            ({"question": "b", "in": [True]}, {"b": False}, False),
            ({"question": "c", "unanswered": True}, {}, True),
            ({"question": "c", "unanswered": True}, {"c": ["a"]}, False),
            ({"question": "gone", "unanswered": True}, {}, True),
            ({"not": {"question": "c", "in": ["a"]}}, {}, True),
            ({"all": [{"question": "b", "in": [True]}, {"age": {"<": 40}}]}, {"b": True}, True),
            ({"any": [{"question": "b", "in": [True]}, {"age": {">": 40}}]}, {}, False),
        ],
    )
    def test_mean_what_they_say(
        self, condition: Any, answers: dict[str, Any], expected: bool
    ) -> None:
        assert fires(condition, answers, age=30) is expected

    @pytest.mark.parametrize(("count", "expected"), [(1, True), (2, True), (3, False)])
    def test_count(self, count: int, expected: bool) -> None:
        tests = [{"question": "c", "in": [code]} for code in "abc"]
        assert fires({"atLeast": count, "of": tests}, {"c": ["a", "b"]}) is expected

    @pytest.mark.parametrize(
        "condition",
        [
            None,
            [],
            "rf-ces in {saddle}",
            {},
            {"question": "c"},
            {"question": 7, "in": ["a"]},
            {"question": "c", "in": []},
            {"question": "c", "in": [{}]},
            {"question": "c", "in": ["a"], "atLeast": 0},
            {"question": "c", "like": "a"},
            {"all": []},
            {"age": 40},
            {"age": {"<": "40"}},
            {"age": {"=": 40}},
            {"listed": "P-NONE"},
            {"question": "c", "unanswered": "yes"},
        ],
    )
    def test_are_refused_when_they_are_none(self, condition: Any) -> None:
        _rules, issues = read_rules(raw=rule_set(condition))
        assert issues.refused
        assert all(issue.expression.startswith("rules[0]") for issue in issues)

    def test_are_refused_when_nested_too_deeply(self) -> None:
        condition: Any = {"question": "c", "in": ["a"]}
        for _level in range(100):
            condition = {"not": condition}
        assert read_rules(raw=rule_set(condition))[1].refused

    def test_are_the_same_by_their_hash(self) -> None:
        one, _ = read_rules(raw=rule_set({"question": "c", "in": ["a"]}))
        turned = dict(reversed(list(rule_set({"in": ["a"], "question": "c"}).items())))
        other, _ = read_rules(raw=turned)
        third, _ = read_rules(raw=rule_set({"question": "c", "in": ["b"]}))
        assert one is not None
        assert other is not None
        assert third is not None
        assert one.sha256 == other.sha256 != third.sha256

    def test_can_be_switched_off(self) -> None:
        rules, _issues = read_rules(raw=rule_set({"age": {">": 0}}, active=False))
        assert rules is not None
        assert rules.rules == ()


class TestPatterns:
    def test_show_what_speaks_for_and_against_and_what_is_missing(self) -> None:
        answers = {
            "regions": ["buttock-mid"],
            "worse": ["sitting"],
            "side": "both",
            "sit-minutes": 10,
            "sit-longer-worse": True,
        }
        listing = heard(answers)[1][0]
        assert listing.pattern_id == "P-DGS"
        assert listing.supports == ("Can sit 30 minutes at most", "Worse the longer they sit")
        assert listing.againsts == ("Both sides",)
        assert "quality" in listing.missing
        assert listing.exam
        assert listing.evidence

    def test_need_two_supports(self) -> None:
        answers = {"regions": ["buttock-mid"], "worse": ["sitting"], "sit-minutes": 10}
        assert [one.pattern_id for one in heard(answers)[1]] == []

    def test_come_in_the_order_of_their_weight(self) -> None:
        story = next(story for story in STORIES if story["id"] == "S1")
        weights = [len(one.supports) - len(one.againsts) for one in heard(story["answers"])[1]]
        assert weights == sorted(weights, reverse=True)

    @pytest.mark.parametrize("raw", [None, [], {}, {"format": "clinic-patterns/2"}])
    def test_are_refused_when_they_are_none(self, raw: Any) -> None:
        patterns, issues = read_patterns(raw=raw)
        assert patterns is None
        assert issues.refused

    def test_refer_to_earlier_ones_only(self) -> None:
        def pattern(name: str, other: str) -> dict[str, Any]:
            return {"id": name, "require": [{"text": "t", "when": {"listed": other}}]}

        raw = {
            "format": "clinic-patterns/1",
            "id": "x",
            "version": "1",
            "patterns": [pattern("A", "B"), pattern("B", "A")],
        }
        places = [issue.expression for issue in read_patterns(raw=raw)[1]]
        assert places == ["patterns[0].require[0].when.listed"]


class TestDrafts:
    """Sets whose conditions are the sentences that ours were written from."""

    MOTOR = MappingProxyType(
        {"id": "RF-MOTOR-1", "level": "PRIORITY", "when": "rf-motor = yes-worse"}
    )

    def test_stand_for_our_conditions_at_their_own_level(self) -> None:
        raw = library.in_conditions(raw={"note": "", "rules": [dict(self.MOTOR)]}, listed="rules")
        rules, issues = read_rules(raw=raw)
        assert rules is not None
        assert not issues.refused
        state = settled_on(library.form(name="symptoms"), {"rf-motor": "yes-worse"})
        events = fired_rules(rules=rules, state=state, age=None)
        assert [(event.rule_id, event.level) for event in events] == [("RF-MOTOR-1", "PRIORITY")]

    @pytest.mark.parametrize(
        "changed", [{"when": "rf-motor = yes"}, {"id": "RF-MOTOR-2"}, {"id": "x"}], ids=str
    )
    def test_in_other_words_are_refused_by_their_place(self, changed: dict[str, str]) -> None:
        raw = library.in_conditions(raw={"rules": [{**self.MOTOR, **changed}]}, listed="rules")
        _rules, issues = read_rules(raw=raw)
        assert [issue.expression for issue in issues] == ["rules[0].when"]

    @pytest.mark.parametrize("listed", ["rules", "patterns"])
    def test_are_known_for_every_entry_of_ours(self, listed: str) -> None:
        ours = library.definition(name=library.SETS[listed])
        digests = library.definition(name="drafts")[listed]
        assert set(digests) == {entry["id"] for entry in ours[listed]}

    @pytest.mark.parametrize("raw", [None, [], {}, {"rules": 1}, {"rules": [1]}], ids=str)
    def test_are_nothing_else(self, raw: Any) -> None:
        assert library.in_conditions(raw=raw, listed="rules") is raw
