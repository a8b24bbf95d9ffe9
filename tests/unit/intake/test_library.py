"""Our own questionnaires: sound, plain, complete, and valid FHIR."""

import json
from typing import Any

import pytest
from jsonschema import Draft6Validator

from clinic.intake import library
from clinic.intake.rules.checking import settled
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.patterns import read_patterns
from clinic.intake.rules.reading import write_json
from clinic.intake.rules.safety import read_rules
from clinic.intake.rules.scores import score
from clinic.intake.rules.sections import Progress, progress_of, sections_of
from clinic.intake.rules.working import state_of
from tests.unit.intake.builders import answered, check, inside, response, settled_on
from tests.unit.intake.outside import FHIR, needs_outside
from tests.unit.intake.reading_level import grade, syllables

HARDEST_GRADE = 8.0
OPTIONAL_CONSENTS = frozenset({"telehealth", "card", "pictures"})  # where the visit has them

# What the seed page says, and the linkIds and codes that hold it.
SEED: dict[str, dict[str, set[str]]] = {
    "pain, tingling or numbness in the buttocks and down the leg": {
        "quality": {"tingling", "numb"},
        "regions": {"buttock-mid", "thigh-back", "lower-leg", "foot"},
    },
    "pain in one side of the lower back and buttock": {
        "side": {"left", "right"},
        "regions": {"low-back", "buttock-mid"},
    },
    "begins in the buttock and radiates to hip, groin or upper thigh": {
        "start-region": {"buttock-mid", "sit-bone"},
        "spread": {"outer-hip", "groin", "thigh-front"},
    },
    "worsens when sitting, standing, sleeping, walking, climbing stairs": {
        "worse": {"sitting", "standing", "sleeping", "walking", "stairs"}
    },
    "tenderness or aching": {"quality": {"tender", "aching"}},
    "sharp or stabbing pain": {"quality": {"sharp", "stabbing"}},
    "difficulty sitting": {"sit-difficult": set(), "sit-minutes": set()},
    "worse the longer you sit": {"sit-longer-worse": set()},
    "only when walking or active": {"pattern": {"activity-only"}, "activity-stop": set()},
    "not responsive to rest and home remedies": {"tried": {"rest-home"}, "tried-helped": set()},
    "runners and athletes": {"sports": {"running"}, "train-change": set()},
    "both sides": {"side": {"both", "alternating"}},
    "sitting, posture, mechanics, overuse": {"mechanism": {"long-sitting", "posture", "training"}},
    "muscle weakness": {"quality": {"weak"}},
    "disc: bending, lifting, coughing": {
        "worse": {"bend-lift", "cough"},
        "mechanism": {"lift-twist"},
    },
    "trauma in sport or from a fall": {"mechanism": {"fall", "sport-hit", "sprint-stretch"}},
    "bruises, fractures, scars": {"trauma-found": {"bruise", "fracture", "scar", "tear"}},
    "trigger points": {"quality": {"knot"}},
    "medication may mask symptoms": {"analgesic-today": set()},
    "atrophy": {"muscle-smaller": set()},
}

MOST_PAGES = 12
"""Of one form; the consents have the most, one text a page."""


def texts_of(item: Item) -> list[str]:
    """Everything a patient reads below an item."""
    own = [item.text, *(option.display for option in item.options)]
    return own + [text for child in item.children for text in texts_of(child)]


def pages() -> list[Any]:
    return [
        pytest.param(group, id=f"{name}: {group.link_id}")
        for name in library.QUESTIONNAIRES
        for group in library.form(name=name).root.children
    ]


@pytest.mark.parametrize("name", library.QUESTIONNAIRES)
class TestQuestionnaires:
    def test_are_free_of_faults_and_of_what_has_no_effect(self, name: str) -> None:
        _form, issues = read_form(raw=library.definition(name=name))
        assert [(issue.text, issue.expression) for issue in issues] == []

    @needs_outside
    def test_are_valid_fhir(self, name: str) -> None:
        schema = json.loads(FHIR.joinpath("fhir.schema.R4.json").read_text(encoding="utf-8"))
        definition = {
            "$schema": schema["$schema"],
            "$ref": "#/definitions/Questionnaire",
            "definitions": schema["definitions"],
        }
        plain = json.loads(write_json(library.definition(name=name)))
        assert [error.message for error in Draft6Validator(definition).iter_errors(plain)] == []

    def test_have_a_version_and_say_that_they_are_drafts(self, name: str) -> None:
        raw = library.definition(name=name)
        assert raw["url"].endswith(f"/{name}")
        assert raw["version"]
        assert raw["status"] == "draft"

    def test_ask_what_is_required_in_groups_that_are(self, name: str) -> None:
        """Else a response without the group would pass."""
        for item in library.form(name=name).items:
            above = item.parent
            if not item.required or item.conditions or above is None or above.parent is None:
                continue
            by_choice = above.conditions or above.repeats or above.link_id in OPTIONAL_CONSENTS
            assert above.required or by_choice, item.link_id


class TestPages:
    @pytest.mark.parametrize("group", pages())
    def test_read_at_grade_eight_or_below(self, group: Item) -> None:
        assert grade(texts_of(group)) <= HARDEST_GRADE

    @pytest.mark.parametrize("name", library.QUESTIONNAIRES)
    def test_are_few_for_whom_nothing_special_is_the_matter(self, name: str) -> None:
        form = library.form(name=name)
        state = state_of(form=form, answers={})
        asked = [
            section.number
            for section in sections_of(form=form)
            if progress_of(section=section, state=state) is not Progress.NOT_ASKED
        ]
        assert 1 <= len(asked) <= MOST_PAGES

    def test_are_measured_as_kincaid_did(self) -> None:
        assert syllables("understanding") == 4
        assert grade(["The cat sat on the mat."]) < 1
        hard = "Idiopathic radiculopathy necessitates multidisciplinary interventional evaluation."
        assert grade([hard]) > 12


class TestSymptoms:
    @pytest.mark.parametrize("statement", SEED)
    def test_hold_every_statement_of_the_page(self, statement: str) -> None:
        form = library.form(name="symptoms")
        for link_id, codes in SEED[statement].items():
            offered = {option.value.raw["code"] for option in form.by_link[link_id].options}
            assert codes <= offered, link_id

    def test_ask_about_safety_first(self) -> None:
        assert library.form(name="symptoms").root.children[0].link_id == "safety"

    def test_refuse_none_of_these_beside_a_symptom(self) -> None:
        form = library.form(name="symptoms")
        item = form.by_link["rf-ces"]
        chosen = [{"valueCoding": item.options[index].value.raw} for index in (0, -1)]
        issues = check(form, response(inside("safety", answered("rf-ces", *chosen))))
        place = "QuestionnaireResponse.item[0].item[0]"
        assert ("error", "business-rule", place) in issues

    def test_warn_when_the_worst_spot_was_not_marked(self) -> None:
        form = library.form(name="symptoms")
        state = settled_on(form, {"regions": ["groin"], "worst-region": "foot"})
        assert ("warning", "invariant", "QuestionnaireResponse") in check(form, state.raw)

    @pytest.mark.parametrize("kind", ["rules", "patterns"])
    def test_have_every_question_that_the_rules_ask(self, kind: str) -> None:
        form = library.form(name="symptoms")
        asked = {
            name
            for rule in library.safety_rules().rules
            for name in rule.questions
            if kind == "rules"
        } | {
            name
            for pattern in library.pattern_rules().patterns
            for sign in (*pattern.require, *pattern.support, *pattern.against)
            for name in sign.questions
            if kind == "patterns"
        }
        assert {name for name in asked if name not in form.by_link} <= {"code:44260-8"}


class TestScales:
    def test_take_the_mean_of_three_pain_ratings(self) -> None:
        form = library.form(name="nprs")
        ratings = {"nprs-now": 4, "nprs-best": 2, "nprs-worst": 7, "nprs-week": 5}
        found = dict(score(state=settled_on(form, ratings)).calculated)
        assert [float(value) for value in found["nprs-mean"]] == [4.33]

    def test_give_no_mean_of_two(self) -> None:
        form = library.form(name="nprs")
        assert dict(score(state=settled_on(form, {"nprs-now": 4})).calculated) == {}

    @pytest.mark.parametrize(("now", "warns"), [(4, False), (9, True), (1, True)])
    def test_warn_when_now_is_not_between_lowest_and_highest(self, now: int, warns: bool) -> None:
        form = library.form(name="nprs")
        ratings = {"nprs-now": now, "nprs-best": 2, "nprs-worst": 7, "nprs-week": 5}
        issues = check(form, settled_on(form, ratings).raw)
        assert (("warning", "invariant", "QuestionnaireResponse") in issues) is warns
        assert not [issue for issue in issues if issue[0] == "error"]

    def test_take_the_mean_of_the_activities_a_patient_names(self) -> None:
        form = library.form(name="psfs")
        raw = response(*(activity(rating) for rating in (3, 4, 6)))
        state = settled_on(form, {})
        assert dict(score(state=state).calculated) == {}
        assert not [issue for issue in check(form, raw) if issue[0] == "error"]
        assert psfs_mean(form, raw) == [4.33]


def activity(rating: int) -> dict[str, Any]:
    named = answered("psfs-activity", {"valueString": "Running"})
    return inside("psfs", named, answered("psfs-rating", {"valueInteger": rating}))


def psfs_mean(form: Form, raw: dict[str, Any]) -> list[float]:
    found = dict(score(state=settled(form=form, raw=raw)).calculated)
    return [float(value) for value in found["psfs-score"]]


class TestRules:
    def test_are_free_of_faults(self) -> None:
        assert list(read_rules(raw=library.definition(name="safety-rules"))[1]) == []
        assert list(read_patterns(raw=library.definition(name="patterns-to-consider"))[1]) == []

    def test_name_a_source_for_each(self) -> None:
        assert all(rule.source for rule in library.safety_rules().rules)
        assert all(pattern.evidence for pattern in library.pattern_rules().patterns)
