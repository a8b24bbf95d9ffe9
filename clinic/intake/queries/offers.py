"""What is known already and need not be typed again: offered on the page, saved when confirmed."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from clinic.intake.library import safety_rules
from clinic.intake.queries.questionnaires import form_of
from clinic.intake.queries.responses import AssignedForm, answers_of, find_last_completed
from clinic.intake.queries.screening import find_known_before
from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.prefill import first_response
from clinic.intake.rules.sections import comes_first
from clinic.intake.rules.values import read_value
from clinic.intake.rules.working import Answers, from_response, is_unit, units
from clinic.people.models import Patient


def list_offers(*, assigned: AssignedForm, now: datetime) -> Answers:
    """Answers to offer: the form's own first values, what was handed in the last time, and what
    was answered about safety before the visit was booked.

    What was said last goes before what the record knows. Only forms that are ``is_prefilled``
    repeat answers, and only to questions that are asked in the same way still.
    """
    form = assigned.form
    facts = _patient_facts(assigned.patient)
    first = first_response(form=form, lookup=facts.get)
    offered = from_response(form=form, raw=first)
    for _at, old, answers in sorted(_said_before(assigned, now), key=lambda said: said[0]):
        offered.update(_still_asked(form, old, answers))
    return offered


def _said_before(assigned: AssignedForm, now: datetime) -> Iterator[tuple[datetime, Form, Answers]]:
    patient_id = assigned.patient.id
    if assigned.questionnaire.is_prefilled:
        last = find_last_completed(
            patient_id=patient_id, questionnaire_id=assigned.questionnaire.id
        )
        if last is not None and last[0].completed_at is not None:
            response, version = last
            old = form_of(version, language=assigned.language)
            yield last[0].completed_at, old, answers_of(response)
    if comes_first(form=assigned.form, asked_by_rules=safety_rules().asked) is not None:
        known = find_known_before(patient_id=patient_id, now=now)
        if known is not None:
            yield known.at, known.form, known.answers


def _still_asked(form: Form, old: Form, answers: Answers) -> Answers:
    known = {item.link_id: item for item in units(item=old.root)}
    return {
        item.link_id: answers[item.link_id]
        for item in units(item=form.root)
        if item.link_id in answers
        and item.link_id in known
        and _is_the_same(item, known[item.link_id])
        and _still_fit(item, answers[item.link_id])
    }


def _is_the_same(item: Item, old: Item) -> bool:
    """Whether the question is asked as before: its words, its kind, how many answers it takes."""
    return (item.type, item.repeats, item.text) == (old.type, old.repeats, old.text)


def _still_fit(item: Item, answers: list[Any]) -> bool:
    """Whether all options that were chosen are still there."""
    if item.option_keys is None:
        return not is_unit(item) or item.is_question or _has_same_questions(item, answers)
    for answer in answers:
        ((key, raw),) = answer.items()
        value = read_value(kind=key.removeprefix("value"), raw=raw)
        is_free = item.type == "open-choice" and key == "valueString"
        if isinstance(value, str) or (value.key not in item.option_keys and not is_free):
            return False
    return True


def _has_same_questions(item: Item, repetitions: list[Any]) -> bool:
    asked = {one.link_id for one in units(item=item)}
    return all(one.keys() <= asked for one in repetitions)


def _patient_facts(patient: Patient) -> Mapping[str, list[Any]]:
    """`%patient` as FHIR has it, for initialExpression."""
    born: date = patient.birth_date
    telecom = [
        {"system": system, "value": value}
        for system, value in (("phone", patient.phone), ("email", patient.email))
        if value
    ]
    return {
        "patient": [
            {
                "resourceType": "Patient",
                "name": [{"given": [patient.given_name], "family": patient.family_name}],
                "birthDate": born.isoformat(),
                "telecom": telecom,
            }
        ]
    }
