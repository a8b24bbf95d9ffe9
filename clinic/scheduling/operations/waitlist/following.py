"""What the waitlist does when a visit gives its time back, or takes it again."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from clinic.core.db import after_commit, db
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.scheduling.models import (
    Appointment,
    AppointmentChange,
    Occurrence,
    Practitioner,
    Service,
    WaitlistEntry,
    WaitlistOffer,
)
from clinic.scheduling.operations.waitlist.rounds import offer_free_times
from clinic.scheduling.operations.waitlist.steps import EntryStep, lock_entry, move_on, open_offer
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.queries.waiting import is_anybody_waiting
from clinic.scheduling.rules.waitlist import EntryAction, OfferStatus

log = logging.getLogger(__name__)
FREEING = frozenset({"cancelled", "moved", "noshow"})


def follow_visit(appointment: str, step: str) -> None:
    """Offer the time that a visit gives back as soon as that is committed.

    The worker would find it too, some seconds later; until then anybody could book it.
    """
    if step in FREEING:
        after_commit(lambda: _offer_freed(appointment))


def _offer_freed(appointment: str) -> None:
    try:
        if is_anybody_waiting():
            _offer_service_of(appointment)
    except (Refusal, DBAPIError) as error:
        # The visit is cancelled all the same; the worker's round does what was not done here.
        log.warning("a freed time was not offered at once: %s", type(error).__name__)


def _offer_service_of(appointment: str) -> None:
    wanted = (
        select(Service.slug, func.max(AppointmentChange.at))
        .select_from(Appointment)
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .join(Service, Service.id == Occurrence.service_id)
        .join(AppointmentChange, AppointmentChange.appointment_id == Appointment.id)
        .where(Appointment.public_id == appointment)
        .group_by(Service.slug)
    )
    service, at = db.session.execute(wanted).one()
    offer_free_times(now=at, service=service)


def take_back_offers(*, visit: Visit, actor: Actor, now: datetime) -> None:
    """Let go what was offered of a visit's time a moment ago, so that a cancellation can be undone.

    Inside the transaction that undoes it. Nobody has been told yet: messages about offers wait for
    the policy's ``undo_seconds``. What was offered longer ago stays offered.
    """
    since = now - timedelta(seconds=get_setting().policy.undo_seconds)
    wanted = (
        select(WaitlistEntry.public_id)
        .join(WaitlistOffer, WaitlistOffer.entry_id == WaitlistEntry.id)
        .join(Practitioner, Practitioner.id == WaitlistOffer.practitioner_id)
        .where(
            WaitlistOffer.status == OfferStatus.OPEN.value,
            WaitlistOffer.offered_at >= since,
            WaitlistOffer.starts_at < visit.ends_at,
            WaitlistOffer.ends_at > visit.starts_at,
            Practitioner.slug == visit.practitioner,
        )
        .order_by(WaitlistEntry.id)
    )
    for public_id in list(db.session.scalars(wanted)):
        step = EntryStep(public_id=public_id, actor=actor, now=now)
        entry = lock_entry(step)
        if open_offer(entry) is not None:
            move_on(entry, step, EntryAction.RETRACT)
