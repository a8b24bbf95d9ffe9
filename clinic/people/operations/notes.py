"""What staff note of a patient, and take back."""

from datetime import datetime

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.people.models import PatientNote
from clinic.people.operations.locking import lock_record
from clinic.people.rules.names import Unusable, clean_text

LONGEST_ALERT = 60
LONGEST_NOTE = 500
LONGEST_NAME = 200


class NoteGone(Refusal):
    """Somebody took the note back, or reworded it, after it was looked at."""

    code = "note-gone"
    message = "Somebody took this back or reworded it meanwhile. Look at the record again."


@transaction
def add_note(
    *, patient: str, kind: str, words: str, about: str | None, actor: Actor, now: datetime
) -> str:
    """Keep an ``alert`` (a few words) or a ``note``; answers its public id.

    ``about`` is a visit (``appointment:...``) or None. Raises NotFound and Invalid.
    """
    person = lock_record(patient)
    row = _new(person.id, kind=kind, words=words, about=about, actor=actor, now=now)
    _record("patient.noted", row, person.public_id, actor, now)
    return row.public_id


@transaction
def reword_note(*, patient: str, note: str, words: str, actor: Actor, now: datetime) -> str:
    """Put other words in its place; answers the public id of the one that stands now.

    The old words stay as what was noted then, like those taken back. The same words change nothing.
    Raises NotFound (also for a note of somebody else), Invalid, and NoteGone where somebody took it
    back or reworded it meanwhile.
    """
    person, old = lock_record(patient), lock_row(PatientNote, note)
    if old.patient_id != person.id:
        raise NotFound
    if old.removed_at is not None:
        raise NoteGone
    if " ".join(words.split()) == old.words:
        return old.public_id
    row = _new(person.id, kind=old.kind, words=words, about=old.about, actor=actor, now=now)
    old.removed_at, old.removed_by = now, actor.name[:LONGEST_NAME]
    _record("patient.note-reworded", row, person.public_id, actor, now)
    return row.public_id


def _new(
    patient_id: int, *, kind: str, words: str, about: str | None, actor: Actor, now: datetime
) -> PatientNote:
    longest = LONGEST_ALERT if kind == "alert" else LONGEST_NOTE
    try:
        text = clean_text(" ".join(words.split()), longest=longest)
    except Unusable as complaint:
        raise Invalid({"words": [str(complaint)]}) from None
    if not text:
        raise Invalid({"words": ["Enter a few words."]})
    row = PatientNote(
        patient_id=patient_id,
        kind=kind,
        about=about,
        added_at=now,
        added_by=actor.name[:LONGEST_NAME],
    )
    row.words = text
    db.session.add(row)
    return row


@transaction
def remove_note(*, patient: str, note: str, actor: Actor, now: datetime) -> None:
    """Show it no more; twice is once. Raises NotFound, also for a note of somebody else."""
    person, row = lock_record(patient), lock_row(PatientNote, note)
    if row.patient_id != person.id:
        raise NotFound
    if row.removed_at is None:
        row.removed_at, row.removed_by = now, actor.name[:LONGEST_NAME]
        _record("patient.note-removed", row, person.public_id, actor, now)


def _record(action: str, row: PatientNote, patient: str, actor: Actor, now: datetime) -> None:
    audit.record(
        action=action,
        actor=actor,
        now=now,
        subject=f"patient:{patient}",
        details={"note": row.public_id, "kind": row.kind},
    )
