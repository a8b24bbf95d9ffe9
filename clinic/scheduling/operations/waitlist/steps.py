"""How every step with a waitlist entry is taken: one lock, one refusal, one story."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clinic.core import audit
from clinic.core.db import db
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.people.models import Patient
from clinic.scheduling.models import WaitlistChange, WaitlistEntry, WaitlistOffer
from clinic.scheduling.operations.kept_times import let_kept_go
from clinic.scheduling.operations.refusals import WrongEntryState
from clinic.scheduling.rules.waitlist import (
    ENDS_OFFER,
    LEADS_TO,
    OPEN,
    EntryAction,
    EntryStatus,
    OfferStatus,
    can_take,
)

NAMES = {
    EntryAction.OFFER: "offered",
    EntryAction.LAPSE: "lapsed",
    EntryAction.DECLINE: "declined",
    EntryAction.RETRACT: "retracted",
    EntryAction.BOOK: "booked",
    EntryAction.WITHDRAW: "withdrawn",
    EntryAction.EXPIRE: "expired",
    EntryAction.RESTORE: "restored",
}
"""What a step is called in the story and in the audit trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryStep:
    """Who takes a step with which entry, and when."""

    public_id: str
    actor: Actor
    now: datetime


def lock_entry(step: EntryStep) -> WaitlistEntry:
    """The entry's row, locked until the end of the transaction. Raises NotFound."""
    return lock_row(WaitlistEntry, step.public_id)


def patient_of(entry: WaitlistEntry) -> Patient:
    """The record of whoever waits."""
    return db.session.scalars(select(Patient).where(Patient.id == entry.patient_id)).one()


def keeper_of(public_id: str) -> str:
    """The name under which the time is held that is offered to an entry."""
    return f"waitlist:{public_id}"


def open_offer(entry: WaitlistEntry) -> WaitlistOffer | None:
    """What is offered to the entry now."""
    wanted = select(WaitlistOffer).where(
        WaitlistOffer.entry_id == entry.id, WaitlistOffer.status == OfferStatus.OPEN.value
    )
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def find_offer(entry: WaitlistEntry, public_id: str) -> WaitlistOffer | None:
    """An offer of this entry by its public id, whatever became of it."""
    wanted = select(WaitlistOffer).where(
        WaitlistOffer.entry_id == entry.id, WaitlistOffer.public_id == public_id
    )
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def close_offer(offer: WaitlistOffer, status: OfferStatus, now: datetime) -> None:
    """Let an offer be over. Its hold is freed, or has become a visit, by whoever closes it."""
    offer.status, offer.hold_id, offer.closed_at = status.value, None, now
    db.session.flush()


def move_on(
    entry: WaitlistEntry, step: EntryStep, action: EntryAction, *, visit_id: int | None = None
) -> None:
    """Let the entry stand where the action leads, end its offer, and write it into its story.

    ``visit_id`` is the row of the visit that was booked. Raises WrongEntryState.
    """
    if not can_take(status=EntryStatus(entry.status), action=action):
        raise WrongEntryState(entry_status=entry.status)
    offer = open_offer(entry)
    if offer is not None and action in ENDS_OFFER:
        close_offer(offer, ENDS_OFFER[action], step.now)
        let_kept_go(keeper=keeper_of(entry.public_id), now=step.now)
    before, after = entry.status, LEADS_TO[action]
    entry.status = after.value
    entry.version += 1
    entry.closed_at = None if after in OPEN else step.now
    entry.appointment_id = visit_id
    write_entry_step(entry=entry, name=NAMES[action], before=before, actor=step.actor, now=step.now)
    db.session.flush()


def write_entry_step(
    *, entry: WaitlistEntry, name: str, before: str | None, actor: Actor, now: datetime
) -> None:
    """Add a step to the entry's story and to the audit trail."""
    db.session.add(
        WaitlistChange(
            entry_id=entry.id,
            at=now,
            actor_kind=actor.kind,
            actor_name=actor.name,
            step=name,
            from_status=before,
            to_status=entry.status,
        )
    )
    audit.record(
        action=f"waitlist.{name}", actor=actor, now=now, subject=f"waitlist:{entry.public_id}"
    )
