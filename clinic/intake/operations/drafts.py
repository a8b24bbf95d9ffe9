"""Drafts of forms: copied from a version, and changed until they are given to patients."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.errors import Refusal
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.intake.models import QuestionnaireVersion
from clinic.intake.operations.questionnaires import VersionTaken, take_in
from clinic.intake.queries.questionnaires import form_of
from clinic.intake.rules.editing import ItemChange, changed_form
from clinic.intake.rules.reading import read_json


class NotChangeable(Refusal):
    """The version was given to patients; what they saw stays as it was."""

    code = "not-changeable"
    message = "Patients have been given this version. Copy it, and change the copy."


class DraftMoved(Refusal):
    """Somebody saved the draft since this page was opened."""

    code = "draft-moved"
    message = (
        "Somebody else changed this draft meanwhile. What you typed still stands below; saving it"
        " again puts it in place of theirs."
    )


@transaction
def copy_version(*, public_id: str, version: str, reason: str, actor: Actor, now: datetime) -> str:
    """A draft with the same text under a new version; answers its public id.

    Raises NotFound, and VersionTaken where the form has a version of that name.
    """
    found = lock_row(QuestionnaireVersion, public_id)
    taken = select(QuestionnaireVersion.id).where(
        QuestionnaireVersion.questionnaire_id == found.questionnaire_id,
        QuestionnaireVersion.version == version,
    )
    if db.session.scalar(taken) is not None:
        raise VersionTaken
    raw = read_json(data=found.definition.encode())
    made = take_in(raw={**raw, "version": version}, actor=actor, now=now, reason=reason)
    return made.public_id


@transaction
def change_draft(
    *,
    public_id: str,
    sha256: str,
    changes: Mapping[str, ItemChange],
    actor: Actor,
    now: datetime,
) -> None:
    """Write these changes (by linkId) into a draft that still is what ``sha256`` says.

    Raises NotFound, NotChangeable, DraftMoved, and DefinitionRefused where the form would not hold
    together any more, for example because a question depends on one that is left out.
    """
    found = lock_row(QuestionnaireVersion, public_id)
    if found.status != "draft":
        raise NotChangeable
    if found.sha256 != sha256:
        raise DraftMoved
    raw = changed_form(form=form_of(found), changes=changes)
    take_in(raw=raw, actor=actor, now=now, reason=found.reason)
