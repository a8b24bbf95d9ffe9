"""A minute of broken forms and answers: an OperationOutcome for each, in time, without a traceback.

The seed is printed; ``FUZZ_SEED`` repeats it, ``FUZZ_SECONDS`` sets how long it takes.
"""

import copy
import json
import os
import random
import sys
import time
from typing import Any

import pytest

from clinic.intake import library
from clinic.intake.rules.checking import check_response, settled
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.enabling import enabled_links
from clinic.intake.rules.exporting import effective_response
from clinic.intake.rules.outcome import operation_outcome
from clinic.intake.rules.patterns import list_patterns, read_patterns
from clinic.intake.rules.reading import Unreadable, read_json, write_json
from clinic.intake.rules.safety import fired_rules, read_rules
from clinic.intake.rules.scores import score
from tests.unit.intake.random_forms import random_form, random_response

SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))
SLOWEST_SECONDS = 2.0

ODD: list[Any] = [
    None, True, False, 0, -1, 2**31, 10**30, 1.5, "", " ", "x", "q0", "q1", "\ud800", "<b>x</b>",
    "a\nb", [], {}, [None], [[]], {"code": 1}, {"code": "x"}, {"value": 1}, "group", "display",
    "question", "choice", "exists", ">=", "2026-02-30", "2026", "%resource.item", "(a+)+$", "(?=a)",
]  # fmt: skip
KEYS = [
    "linkId", "type", "item", "answer", "enableWhen", "enableBehavior", "answerOption", "initial",
    "required", "repeats", "extension", "valueString", "valueCoding", "valueQuantity", "valueDate",
    "valueAttachment", "question", "operator", "maxLength", "text", "url", "status",
    "valueExpression",
]  # fmt: skip
CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
EXPRESSIONS = [
    "%resource.item.answer.value", "%a + 1", "repeat(item).count()", "1 +", "now()",
    "item.where(linkId = 'q1').answer.value > 1", "descendants().select(descendants())",
    "%resource.repeat(item).answer.value.aggregate($this & $total)", "'a'.matches('(a+)+')",
]  # fmt: skip


def an_extension(dice: random.Random) -> dict[str, Any]:
    name = dice.choice(
        [f"{SDC}calculatedExpression", f"{SDC}enableWhenExpression", f"{CORE}variable"]
    )
    if dice.random() < 0.5:
        return {
            "url": CORE + dice.choice(["regex", "minValue", "maxValue"]),
            "valueString": "(a|b)*c",
        }
    value = {"language": "text/fhirpath", "name": "a", "expression": dice.choice(EXPRESSIONS)}
    return {"url": name, "valueExpression": value}


def nodes(value: Any) -> list[Any]:
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list):
            found.append(one)
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return found


def spoil(value: Any, dice: random.Random) -> None:
    """One change somewhere: a value, a key, a copy, a deletion, an extension."""
    node = dice.choice(nodes(value))
    if isinstance(node, list):
        if node and dice.random() < 0.5:
            node.append(json.loads(json.dumps(dice.choice(node))))
        elif node:
            node[dice.randrange(len(node))] = copy.deepcopy(dice.choice(ODD))
        return
    change = dice.random()
    if change < 0.25:
        node.setdefault("extension", [])
        if isinstance(node["extension"], list):
            node["extension"].append(an_extension(dice))
    elif change < 0.5 and node:
        node[dice.choice(list(node))] = copy.deepcopy(dice.choice(ODD))
    elif change < 0.75 and node:
        node.pop(dice.choice(list(node)))
    else:
        node[dice.choice(KEYS)] = copy.deepcopy(dice.choice(ODD))


def a_pair(dice: random.Random) -> tuple[Any, Any]:
    if dice.random() < 0.3:
        name = dice.choice(library.QUESTIONNAIRES)
        form = json.loads(write_json(library.definition(name=name)))
        answers: Any = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": []}
    else:
        form = random_form(dice, dice.randint(1, 40))
        answers = random_response(dice, form)
    for _ in range(dice.randint(0, 8)):
        spoil(form, dice)
    for _ in range(dice.randint(0, 8)):
        spoil(answers, dice)
    return form, answers


def judge(definition: Any, answers: Any, dice: random.Random) -> None:
    """Everything the engine does, on one pair."""
    data = [json.dumps(one).encode() for one in (definition, answers)]
    if dice.random() < 0.1:
        cut = dice.randrange(len(data[0]) + 1)
        data[0] = data[0][:cut] + dice.randbytes(dice.randint(0, 3)) + data[0][cut:]
    try:
        raw, given = (read_json(data=one) for one in data)
    except Unreadable:
        return
    form, issues = read_form(raw=raw)
    if form is not None:
        state, found = check_response(form=form, raw=given)
        issues.extend(found)
        if state is not None:
            use(form, given, is_sound=not issues.refused)
    told = json.loads(write_json(operation_outcome(issues=issues)))
    assert all(issue["details"]["text"] for issue in told["issue"])


def use(form: Any, given: Any, *, is_sound: bool) -> None:
    state = settled(form=form, raw=given)
    write_json(enabled_links(state=state))
    kept = effective_response(state=state, with_texts=True)
    score(state=state)
    events = fired_rules(rules=library.safety_rules(), state=state, age=40)
    list_patterns(patterns=library.pattern_rules(), state=state, age=40, fired=events)
    again = settled(form=form, raw=kept)
    if is_sound and not form.has_expressions:
        assert enabled_links(state=again) == enabled_links(state=state)


def test_a_minute_of_broken_forms_ends_in_outcomes(capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("FUZZ_SEED") or random.randrange(10**6))
    dice = random.Random(seed)
    until, count = time.monotonic() + SECONDS, 0
    rules, patterns = (
        json.loads(write_json(library.definition(name=name)))
        for name in ("safety-rules", "patterns-to-consider")
    )
    while time.monotonic() < until:
        began = time.process_time()
        case = random.Random(number := dice.randrange(10**9))
        try:
            judge(*a_pair(case), case)
            for reader, sample in ((read_rules, rules), (read_patterns, patterns)):
                broken = json.loads(json.dumps(sample))
                spoil(broken, case)
                reader(raw=broken)
        except Exception as fault:
            fault.add_note(f"seed {seed}, case {number}")
            raise
        assert time.process_time() - began < SLOWEST_SECONDS, f"seed {seed}, case {number}"
        count += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{count} broken forms judged, seed {seed}\n")
    assert count > SECONDS
