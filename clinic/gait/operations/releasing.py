"""The lab's side of an order: recorded, report handed in, released; and a note for colleagues."""

from datetime import datetime

from sqlalchemy import func, select

from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, Refusal
from clinic.core.values import Actor
from clinic.documents.models import Document
from clinic.documents.rules import Kind
from clinic.gait.models import GaitOrder
from clinic.gait.operations.visits import who_stepped
from clinic.messaging.operations import post_message
from clinic.payments.models import Order
from clinic.payments.operations.orders import advance, lock_order
from clinic.payments.operations.story import add_step
from clinic.payments.queries.links import order_path
from clinic.payments.rules.states import Status
from clinic.people.models import Patient
from clinic.people.recipients import recipient_of
from clinic.scheduling.models import Appointment

RELEASED = "report-released"
LONGEST_NOTE = 1000


class ReportMissing(Refusal):
    """There is nothing to release."""

    code = "report-missing"
    message = "Hand in the report first: there is nothing to release yet."


@transaction
def record_lab_visit(*, public_id: str, actor: Actor, now: datetime) -> None:
    """The lab visit was recorded; once is enough. Raises NotFound and WrongOrderState."""
    advance(lock_order(public_id), Status.RECORDED, actor=actor, now=now)


@transaction
def unrecord_lab_visit(*, public_id: str, actor: Actor, now: datetime) -> None:
    """It was not, after all. Raises NotFound and WrongOrderState."""
    advance(lock_order(public_id), Status.SCHEDULED, actor=actor, now=now)


@transaction
def release_report(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Let the patient read the report, and write to them that it is there, not what it says.

    Once is enough. Raises NotFound, ReportMissing and WrongOrderState.
    """
    order = lock_order(public_id)
    if order.status == Status.RELEASED.value:
        return
    if not _count_reports(public_id):
        raise ReportMissing
    advance(order, Status.RELEASED, actor=actor, now=now)
    if order.contact_email is None:
        return
    person = db.session.get_one(Patient, order.patient_id)
    post_message(
        kind=RELEASED,
        recipient=recipient_of(person, email=order.contact_email),
        context={"link": order_path(public_id=public_id, link_version=order.link_version)},
        about=f"order:{public_id}",
        now=now,
    )


@transaction
def take_report_back(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Let nobody but the lab and clinicians read it again. Raises NotFound and WrongOrderState."""
    advance(lock_order(public_id), Status.RECORDED, actor=actor, now=now)


@transaction
def add_note(*, public_id: str, text: str, actor: Actor, now: datetime) -> None:
    """Write a note for colleagues into the order's story. Raises NotFound and Invalid."""
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise Invalid({"note": ["Enter a note of at most 1,000 characters."]})
    add_step(lock_order(public_id), "note", actor=actor, now=now, words=text)


def follow_recording(appointment: str, step: str) -> None:
    """A lab visit that was fulfilled is recorded, and not any more when that was taken back.

    Who took the visit's step took this one, at the same moment. Tied to ``appointment_changed``;
    inside its transaction.
    """
    if step not in {"fulfilled", "undone"}:
        return
    db.session.flush()
    wanted = (
        select(Order.public_id, Order.status, Appointment.status, Appointment.id)
        .join(GaitOrder, GaitOrder.order_id == Order.id)
        .join(Appointment, Appointment.id == GaitOrder.appointment_id)
        .where(Appointment.public_id == appointment)
    )
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        return
    public_id, status, visit, ident = row
    actor, at = who_stepped(ident)
    if visit == "fulfilled" and status == Status.SCHEDULED.value:
        advance(lock_order(public_id), Status.RECORDED, actor=actor, now=at)
    elif step == "undone" and visit != "fulfilled" and status == Status.RECORDED.value:
        advance(lock_order(public_id), Status.SCHEDULED, actor=actor, now=at)


def _count_reports(public_id: str) -> int:
    wanted = select(func.count()).where(
        Document.about == f"order:{public_id}",
        Document.kind == Kind.GAIT_REPORT.value,
        Document.removed_at.is_(None),
    )
    return db.session.scalar(wanted) or 0
