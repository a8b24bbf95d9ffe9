"""RF-10: the ninth question of the PHQ-9 is not asked where nobody would hear the answer."""

import pytest

from clinic.intake.library import definition, safety_rules
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.form import Form
from clinic.intake.rules.safety import RuleSet, read_rules
from clinic.intake.rules.self_harm import ITEM_9, has_way_out


def asking(code: str) -> Form:
    item = {
        "linkId": "q9",
        "type": "integer",
        "text": "Thoughts?",
        "code": [{"system": "http://loinc.org", "code": code}],
    }
    raw = {"resourceType": "Questionnaire", "status": "active", "url": "u", "item": [item]}
    form, _issues = read_form(raw=raw)
    assert form is not None
    return form


def without_the_rule() -> RuleSet:
    raw = definition(name="safety-rules")
    raw["rules"] = [rule for rule in raw["rules"] if rule["id"] != "RF-SH-1"]
    rules, _issues = read_rules(raw=raw)
    assert rules is not None
    return rules


class TestAFormThatAsks:
    @pytest.mark.parametrize(("code", "ours", "bare"), [(ITEM_9, True, False), ("1-8", True, True)])
    def test_needs_a_rule_that_answers_at_once(self, code: str, ours: bool, bare: bool) -> None:
        form = asking(code)
        assert has_way_out(form=form, rules=safety_rules()) is ours
        assert has_way_out(form=form, rules=without_the_rule()) is bare
