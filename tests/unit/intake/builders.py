"""Small forms and answers for tests."""

from typing import Any

from clinic.intake.rules.checking import check_response, settled
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.outcome import Issue
from clinic.intake.rules.state import State

SYSTEM = "https://example.org/fhir/CodeSystem/intake"
CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"

KINDS = {
    "choice": "Coding",
    "open-choice": "Coding",
    "boolean": "Boolean",
    "integer": "Integer",
    "decimal": "Decimal",
    "date": "Date",
    "string": "String",
    "text": "String",
}


def item(link_id: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": kind, "text": link_id, **more}


def group(link_id: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return item(link_id, "group", item=list(items), **more)


def extension(name: str, **value: Any) -> dict[str, Any]:
    return {"url": name if name.startswith("http") else CORE + name, **value}


def fhirpath(name: str, text: str) -> dict[str, Any]:
    value = {"language": "text/fhirpath", "expression": text}
    return extension(SDC + name, valueExpression=value)


def when(question: str, operator: str = "=", **answer: Any) -> dict[str, Any]:
    return {"question": question, "operator": operator, **(answer or {"answerBoolean": True})}


def questionnaire(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = {"item": list(items)} if items else {}
    return {"resourceType": "Questionnaire", "status": "active", **listed, **more}


def answered(link_id: str, *values: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = {"answer": list(values)} if values else {}
    return {"linkId": link_id, **listed, **more}


def inside(link_id: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"linkId": link_id, "item": list(items)}


def response(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = {"item": list(items)} if items else {}
    return {"resourceType": "QuestionnaireResponse", "status": "completed", **listed, **more}


def form_of(*items: dict[str, Any], **more: Any) -> Form:
    form, issues = read_form(raw=questionnaire(*items, **more))
    assert form is not None
    assert not issues.refused, [issue.text for issue in issues]
    return form


def faults_of(raw: Any) -> list[Issue]:
    """What is wrong with a definition."""
    return list(read_form(raw=raw)[1])


def told(issues: list[Issue]) -> list[tuple[str, str, str]]:
    return [(issue.severity.value, issue.code.value, issue.expression) for issue in issues]


def check(form: Form, raw: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Issues of a response as (severity, code, place), without the missing canonical."""
    issues = told(list(check_response(form=form, raw=raw)[1]))
    return [one for one in issues if one[2] != "QuestionnaireResponse.questionnaire"]


def fill(form: Form, answers: dict[str, Any]) -> dict[str, Any]:
    """A response with simple answers by linkId, each in its place; codes for choices."""
    items = [built for child in form.root.children if (built := _filled(child, answers))]
    return response(*items)


def _filled(one: Item, answers: dict[str, Any]) -> dict[str, Any] | None:
    if one.type == "group":
        items = [built for child in one.children if (built := _filled(child, answers))]
        return inside(one.link_id, *items) if items else None
    if one.link_id not in answers:
        return None
    given = answers[one.link_id]
    values = given if isinstance(given, list) else [given]
    return answered(one.link_id, *(_value(one, value) for value in values))


def _value(one: Item, value: Any) -> dict[str, Any]:
    kind = KINDS[one.type]
    return {f"value{kind}": {"system": SYSTEM, "code": value} if kind == "Coding" else value}


def settled_on(form: Form, answers: dict[str, Any]) -> State:
    return settled(form=form, raw=fill(form, answers))
