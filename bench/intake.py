"""How long forms take: reading, enablement and validation, scores, rules, by number of items.

`python -m bench.intake` prints one JSON object; `measure` gives the same to the other benchmarks.
The target: 300 items with 150 answers in at most 10 ms for enablement, validation, scores and
rules together; and a cost per item that stays the same from 100 to 10,000 items.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from clinic.intake import library
from clinic.intake.rules.checking import check_response
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.patterns import list_patterns
from clinic.intake.rules.safety import fired_rules
from clinic.intake.rules.scores import score

SIZES = (100, 300, 1_000, 10_000)
TARGET_ITEMS, TARGET_MS = 300, 10.0
MOST_GROWTH = 3.0  # per item, from 100 to 10,000
ROUNDS = 7

CORE = "http://hl7.org/fhir/StructureDefinition/"
SUM = (
    "%resource.item.item.where(linkId.startsWith('q0.')).answer.value"
    ".ofType(integer).aggregate($this + $total, 0)"
)
KINDS = ("choice", "integer", "string", "boolean", "decimal")


def a_form(items: int) -> dict[str, Any]:
    """Groups of nine questions of five types, a third of them with a condition."""
    groups = [_group(number) for number in range(items // 10)]
    value = {"language": "text/fhirpath", "expression": SUM}
    url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
    groups[-1]["item"][1]["extension"].append({"url": url, "valueExpression": value})
    return {"resourceType": "Questionnaire", "status": "active", "item": groups}


def _group(number: int) -> dict[str, Any]:
    questions = [_question(f"q{number}.{index}", index, number) for index in range(9)]
    return {"linkId": f"g{number}", "type": "group", "text": "Group", "item": questions}


def _question(name: str, index: int, number: int) -> dict[str, Any]:
    made: dict[str, Any] = {"linkId": name, "type": KINDS[index % 5], "text": "How is it?"}
    if made["type"] == "choice":
        made["answerOption"] = [_option(weight) for weight in range(5)]
    if made["type"] == "integer":
        made["extension"] = [
            {"url": f"{CORE}minValue", "valueInteger": 0},
            {"url": f"{CORE}maxValue", "valueInteger": 10},
        ]
    if index % 3 == 2:
        asked = {"question": f"q{number}.0", "operator": "="}
        made["enableWhen"] = [{**asked, "answerCoding": {"system": "s", "code": "c1"}}]
    return made


def _option(weight: int) -> dict[str, Any]:
    extension = {"url": f"{CORE}ordinalValue", "valueDecimal": weight}
    coding = {"system": "s", "code": f"c{weight}", "display": "Some"}
    return {"valueCoding": coding, "extension": [extension]}


def some_answers(items: int) -> dict[str, Any]:
    """Every second question answered."""
    values: tuple[dict[str, Any], ...] = (
        {"valueCoding": {"system": "s", "code": "c1"}},
        {"valueInteger": 5},
        {"valueString": "hello"},
        {"valueBoolean": True},
        {"valueDecimal": 1},
    )
    groups = [
        {
            "linkId": f"g{number}",
            "item": [
                {"linkId": f"q{number}.{index}", "answer": [values[index % 5]]}
                for index in range(0, 9, 2)
            ],
        }
        for number in range(items // 10)
    ]
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": groups}


def _best_ms(work: Callable[[], object]) -> float:
    best = float("inf")
    for _round in range(ROUNDS):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best * 1000


def measure() -> dict[str, float]:
    """Milliseconds by name; the best of seven rounds."""
    rules, patterns = library.safety_rules(), library.pattern_rules()
    found: dict[str, float] = {}
    for size in SIZES:
        raw, answers = a_form(size), some_answers(size)
        form, issues = read_form(raw=raw)
        assert form is not None
        assert not issues.refused
        state, told = check_response(form=form, raw=answers)
        assert state is not None
        assert not told.refused

        def ruled(state: Any = state) -> None:
            events = fired_rules(rules=rules, state=state, age=40)
            list_patterns(patterns=patterns, state=state, age=40, fired=events)

        found[f"read_{size}_ms"] = _best_ms(partial(read_form, raw=raw))
        parts = (
            _best_ms(partial(check_response, form=form, raw=answers)),
            _best_ms(partial(score, state=state)),
            _best_ms(ruled),
        )
        found[f"check_{size}_ms"] = parts[0]
        found[f"score_{size}_ms"] = parts[1]
        found[f"rules_{size}_ms"] = parts[2]
        found[f"all_{size}_ms"] = sum(parts)
    first, last = SIZES[0], SIZES[-1]
    found["growth_per_item"] = found[f"all_{last}_ms"] / last / (found[f"all_{first}_ms"] / first)
    return found


def main() -> None:
    """Print the figures and whether the targets hold."""
    found = {name: round(value, 3) for name, value in measure().items()}
    holds = found[f"all_{TARGET_ITEMS}_ms"] <= TARGET_MS and found["growth_per_item"] <= MOST_GROWTH
    print(json.dumps({**found, "holds": holds}))


if __name__ == "__main__":
    main()
