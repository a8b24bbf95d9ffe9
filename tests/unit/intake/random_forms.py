"""Random forms and answers, sound and otherwise, for property tests and fuzzing."""

from random import Random
from typing import Any

OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")
CODES = ("x", "y", "z")


def random_form(random: Random, size: int) -> dict[str, Any]:
    """A form without faults: conditions ask earlier questions, groups nest and repeat."""
    names: list[tuple[str, str]] = []
    root: dict[str, Any] = {"resourceType": "Questionnaire", "status": "active", "item": []}
    holders = [root]
    for number in range(size):
        holder = random.choice(holders[-4:])
        made = _item(random, f"q{number}", names)
        holder.setdefault("item", []).append(made)
        if made["type"] == "group" or (random.random() < 0.1 and made["type"] != "display"):
            holders.append(made)
        names.append((made["linkId"], made["type"]))
    _fill_groups(root, [0])
    return root


def _item(random: Random, name: str, names: list[tuple[str, str]]) -> dict[str, Any]:
    kind = random.choice(("boolean", "integer", "choice", "string", "group"))
    made: dict[str, Any] = {"linkId": name, "type": kind}
    if kind == "choice":
        made["answerOption"] = [{"valueCoding": {"code": code}} for code in CODES]
    if random.random() < 0.3:
        made["repeats"] = True
    if random.random() < 0.2:
        made["required"] = True
    questions = [one for one in names if one[1] != "group"]
    if questions and random.random() < 0.5:
        count = random.randint(1, 2)
        made["enableWhen"] = [_condition(random, *random.choice(questions)) for _ in range(count)]
        made["enableBehavior"] = random.choice(("any", "all"))
    return made


def _condition(random: Random, question: str, kind: str) -> dict[str, Any]:
    operator = random.choice(OPERATORS if kind in {"integer", "string"} else OPERATORS[:3])
    if operator == "exists":
        return {"question": question, "operator": operator, "answerBoolean": random.random() < 0.5}
    value = random_answer(random, kind)
    key = next(iter(value))
    return {"question": question, "operator": operator, key.replace("value", "answer"): value[key]}


def _fill_groups(holder: dict[str, Any], count: list[int]) -> None:
    for one in holder.get("item", []):
        if one["type"] == "group" and "item" not in one:
            count[0] += 1
            one["item"] = [{"linkId": f"filled{count[0]}", "type": "string"}]
        _fill_groups(one, count)


def random_answer(random: Random, kind: str) -> dict[str, Any]:
    if kind == "boolean":
        return {"valueBoolean": random.random() < 0.5}
    if kind == "integer":
        return {"valueInteger": random.randint(0, 3)}
    if kind == "choice":
        return {"valueCoding": {"code": random.choice(CODES)}}
    return {"valueString": random.choice(("a", "b"))}


def random_response(random: Random, form: dict[str, Any]) -> dict[str, Any]:
    """Answers of the right types in the right places, enabled or not."""
    status = random.choice(("completed", "in-progress"))
    items = _answers(random, form.get("item", []))
    found: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "status": status}
    return {**found, "item": items} if items else found


def _answers(random: Random, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in items:
        if random.random() < 0.4:
            continue
        times = random.randint(1, 2) if one.get("repeats") else 1
        if one["type"] == "group":
            nested = [(_answers(random, one["item"])) for _ in range(times)]
            found += [{"linkId": one["linkId"], "item": each} for each in nested if each]
            continue
        answers = [random_answer(random, one["type"]) for _ in range(times)]
        for answer in answers:
            below = _answers(random, one.get("item", []))
            if below:
                answer["item"] = below
        found.append({"linkId": one["linkId"], "answer": answers})
    return found
