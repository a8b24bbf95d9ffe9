"""Somebody's papers, as tests hand them in."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import Actor, Role
from clinic.documents.operations import NewDocument, store_document
from clinic.documents.rules import Kind
from clinic.people.models import Patient
from tests.support.page_clinic import NOW
from tests.unit.documents.files import photo

SAM = Actor(kind="staff", name="Sam Ito", id="sam", role=Role.CLINICIAN)


def a_patient() -> str:
    """The public id of the first patient."""
    found = db.session.scalar(select(Patient.public_id).order_by(Patient.id).limit(1))
    assert found is not None
    return found


def paper(**changes: Any) -> NewDocument:
    """The photo of an insurance card."""
    one = NewDocument(
        patient=changes.pop("patient", None) or a_patient(),
        kind=Kind.CARD_FRONT,
        about="response:r1",
        name="card.jpg",
        content=photo(),
    )
    return replace(one, **changes)


def keep(**changes: Any) -> str:
    """Its public id, once it is kept."""
    return store_document(new=paper(**changes), actor=SAM, now=NOW)
