"""What came from a page whose sender's session had ended: kept sealed until they are back."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from clinic.core import audit
from clinic.core.crypto import keyring
from clinic.core.db import db, housekeeping, transaction
from clinic.core.rows import lock_row
from clinic.core.values import PUBLIC
from clinic.intake.models import FormAssignment, KeptPage
from clinic.intake.rules.keeping import Kept, write_kept
from clinic.people.models import Patient
from clinic.people.queries import token_hash

KEPT_LASTS = timedelta(hours=1)
"""Long enough to fetch a code from one's mail; a page that nobody comes back to is forgotten."""

_HOLDER, _PAGE = "kept-holder", "kept-page"


def mark_of(*, assignment: str, holder: str) -> str:
    """What a page carries, so that it can be kept for ``holder`` (whoever it is drawn for, in any
    words that stay the same): it names nobody, and nobody else can make it."""
    who = keyring().mac(_HOLDER, holder)
    return f"{who}.{keyring().mac(_PAGE, f'{assignment}:{who}')}"


def holder_in(*, mark: str, assignment: str) -> str | None:
    """The keyed hash of whoever a page was drawn for; None where the mark is not ours."""
    who, _dot, proof = mark.partition(".")
    is_ours = keyring().proves(_PAGE, f"{assignment}:{who}", proof)
    return who if is_ours and len(who) == 32 else None


def is_held_by(*, kept: Kept, holder: str) -> bool:
    """Whether the page was drawn for this person."""
    return keyring().proves(_HOLDER, holder, kept.holder)


@transaction
def keep_page(*, kept: Kept, tokens: Sequence[str], now: datetime) -> str:
    """Keep a page for an hour in place of an earlier one of the same section from this browser
    (``tokens``); answers the token that the browser holds. Raises NotFound.
    """
    assignment = lock_row(FormAssignment, kept.assignment)
    mine = KeptPage.token_hash.in_([token_hash(token) for token in tokens])
    same = (KeptPage.assignment_id == assignment.id, KeptPage.section == kept.section)
    db.session.execute(delete(KeptPage).where(mine, *same))
    token = secrets.token_urlsafe(32)
    row = KeptPage(
        assignment_id=assignment.id,
        section=kept.section,
        token_hash=token_hash(token),
        holder=kept.holder,
        created_at=now,
        expires_at=now + KEPT_LASTS,
    )
    row.sent = write_kept(kept.values)
    db.session.add(row)
    patient = db.session.get_one(Patient, assignment.patient_id)
    subject = f"patient:{patient.public_id}"
    details = {"form": kept.assignment, "section": kept.section}
    audit.record(action="form.page-kept", actor=PUBLIC, now=now, subject=subject, details=details)
    return token


@housekeeping
def forget_kept(*, token: str, now: datetime) -> None:
    """Forget what this browser's token stands for, and whatever is over."""
    db.session.execute(
        delete(KeptPage).where(
            (KeptPage.token_hash == token_hash(token)) | (KeptPage.expires_at <= now)
        )
    )


def remove_old_kept(*, now: datetime) -> None:
    """Forget the pages that nobody came back to."""
    if db.session.scalar(select(KeptPage.id).where(KeptPage.expires_at <= now).limit(1)):
        _remove(now=now)


@housekeeping
def _remove(*, now: datetime) -> None:
    db.session.execute(delete(KeptPage).where(KeptPage.expires_at <= now))
