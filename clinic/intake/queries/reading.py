"""All that a patient told, for the clinician who reads it before a visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.types import is_public_id
from clinic.intake.models import (
    Questionnaire,
    QuestionnaireVersion,
    Response,
    ResponseVersion,
    Signature,
)
from clinic.intake.queries.questionnaires import form_of
from clinic.intake.queries.responses import answers_of
from clinic.intake.rules.checking import settled
from clinic.intake.rules.exporting import effective_response
from clinic.intake.rules.form import Form
from clinic.intake.rules.reading import read_json
from clinic.intake.rules.state import State
from clinic.intake.rules.working import as_response, canonical_of
from clinic.people.models import Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Answers to a form at a moment. ``number`` is 0 while they were not handed in.

    ``body`` is the FHIR QuestionnaireResponse of what counts; ``is_signed``: a signature stands
    under this very version.
    """

    response: str
    slug: str
    title: str
    version: str
    number: int
    status: str
    at: datetime
    author: str
    source: str
    reason: str | None
    version_id: int
    is_signed: bool
    form: Form
    body: dict[str, Any]

    @property
    def state(self) -> State:
        """The answers laid over their form."""
        return settled(form=self.form, raw=self.body)


@dataclass(frozen=True, slots=True)
class Reading:
    """A patient and everything they handed in, oldest first, then what is still being written."""

    patient: Patient
    told: tuple[Told, ...]

    def newest(self, slug: str) -> Told | None:
        """The newest answers to a form, sent or not."""
        return next((one for one in reversed(self.told) if one.slug == slug), None)

    def before(self, one: Told) -> Told | None:
        """What was told to the same form the time before, in another filling-in or version."""
        earlier = [other for other in self.told if other.slug == one.slug and other is not one]
        return earlier[-1] if earlier and one.at >= earlier[-1].at else None

    def latest(self) -> tuple[Told, ...]:
        """The newest answers to each form, in the order of the forms."""
        found = {one.slug: one for one in self.told}
        return tuple(found.values())


def get_reading(*, patient: str) -> Reading:
    """What a patient (public id) told; NotFound. Three queries, whatever there is."""
    person = _person(patient)
    told = [*_handed_in(Response.patient_id == person.id), *_being_written(person.id)]
    return Reading(person, tuple(told))


def get_newest(*, patient: str) -> Reading:
    """The same by the newest version of each form alone, handed in or being written."""
    person = _person(patient)
    newest = (
        select(func.max(ResponseVersion.id))
        .join(Response, Response.id == ResponseVersion.response_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.questionnaire_version_id)
        .where(Response.patient_id == person.id)
        .group_by(QuestionnaireVersion.questionnaire_id)
    )
    told = [*_handed_in(ResponseVersion.id.in_(newest)), *_being_written(person.id)]
    return Reading(person, Reading(person, tuple(told)).latest())


def _person(patient: str) -> Patient:
    found = None
    if is_public_id(patient):
        found = db.session.scalar(select(Patient).where(Patient.public_id == patient))
    if found is None:
        raise NotFound
    return found


def get_versions(*, response: str) -> Reading:
    """Every version of one response (public id), oldest first; what is written now for one that
    was not handed in. NotFound, also where nothing was ever saved."""
    row = None
    if is_public_id(response):
        row = db.session.execute(
            select(Response, Patient)
            .join(Patient, Patient.id == Response.patient_id)
            .where(Response.public_id == response)
        ).one_or_none()
    if row is None:
        raise NotFound
    found = tuple(_handed_in(Response.id == row[0].id))
    written = [one for one in _being_written(row[1].id) if one.response == response]
    if not found and not written:
        raise NotFound
    return Reading(row[1], found or tuple(written))


def _handed_in(condition: Any) -> Sequence[Told]:
    rows = db.session.execute(
        select(ResponseVersion, Response, QuestionnaireVersion, Questionnaire.slug, Signature.id)
        .join(Response, Response.id == ResponseVersion.response_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.questionnaire_version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .outerjoin(Signature, Signature.response_version_id == ResponseVersion.id)
        .where(condition)
        .order_by(ResponseVersion.at, ResponseVersion.id)
    )
    return [
        Told(
            response=response.public_id,
            slug=slug,
            title=version.title,
            version=version.version,
            number=made.number,
            status=made.status,
            at=made.at,
            author=made.author,
            source=made.source,
            reason=made.reason,
            version_id=made.id,
            is_signed=signature is not None,
            form=form_of(version),
            body=read_json(data=(made.answers or "{}").encode()),
        )
        for made, response, version, slug, signature in rows
    ]


def _being_written(patient_id: int) -> Sequence[Told]:
    rows = db.session.execute(
        select(Response, QuestionnaireVersion, Questionnaire.slug)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.questionnaire_version_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Response.patient_id == patient_id, Response.status == "in-progress")
        .order_by(Response.saved_at)
    )
    return [_written(*row) for row in rows]


def _written(response: Response, version: QuestionnaireVersion, slug: str) -> Told:
    form = form_of(version)
    raw = as_response(form=form, answers=answers_of(response), language=response.language)
    body = effective_response(state=settled(form=form, raw=raw), with_texts=True)
    return Told(
        response=response.public_id,
        slug=slug,
        title=version.title,
        version=version.version,
        number=0,
        status=response.status,
        at=response.saved_at,
        author="",
        source="",
        reason=None,
        version_id=0,
        is_signed=False,
        form=form,
        body={**body, "questionnaire": canonical_of(form=form)},
    )
