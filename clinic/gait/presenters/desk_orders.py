"""The desk's list of orders, and one order with everything that happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.core.values import Role
from clinic.documents.rules import READERS, Kind
from clinic.gait.presenters.desk_places import MONEY, desk_path
from clinic.gait.presenters.desk_tasks import TaskView, present_tasks
from clinic.gait.presenters.orders import LinkView, RefundLine, StepView, method_words, refund_line
from clinic.gait.presenters.times import long_moment, moment
from clinic.gait.presenters.words import (
    KEY_STEPS,
    TROUBLE,
    dispute_words,
    payment_words,
    status_words,
    step_words,
    task_words,
)
from clinic.gait.queries.codes import order_code
from clinic.gait.queries.whole import WholeOrder
from clinic.messaging.lines import MessageRow, present_row
from clinic.messaging.queries import Posted
from clinic.payments.queries.money import DisputeSeen, EventSeen
from clinic.payments.queries.orders import OrderSeen, StoryLine, TaskSeen
from clinic.payments.rules.states import CLOSED, GRANTED, UNPAID, Status
from clinic.payments.rules.tasks import Task
from clinic.web.filters import local_date, money

LAB = frozenset({Role.GAIT_LAB})


@dataclass(frozen=True, slots=True)
class Row:
    """An order in a list."""

    href: str
    name: str
    code: str
    item: str
    status: str
    payment: str
    total: str
    when: str
    trouble: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """A line of the story. ``kind``: "key", "trouble" or ""."""

    title: str
    at: str
    words: str
    who: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskOrder:
    """One order at the desk; what a role may not do is not offered."""

    path: str
    code: str
    sub: str
    status: str
    steps: tuple[StepView, ...]
    tasks: tuple[TaskView, ...]
    story: tuple[StoryView, ...]
    events: tuple[StoryView, ...]
    money: tuple[tuple[str, str], ...]
    balance: str
    if_cancelled: str
    refunds: tuple[RefundLine, ...]
    receipts: tuple[LinkView, ...]
    reports: tuple[LinkView, ...]
    patient: tuple[tuple[str, str], ...]
    record_href: str
    visit: tuple[tuple[str, str], ...]
    messages: tuple[MessageRow, ...]
    may_resend: bool
    left: str
    can_refund: bool
    can_accept: bool
    can_cancel: bool
    can_pay: bool
    can_schedule: bool
    can_record: bool
    can_undo_record: bool
    can_hand_in: bool
    can_release: bool
    can_take_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskParts:
    """What the queries say of one order."""

    whole: WholeOrder
    story: Sequence[StoryLine]
    tasks: Sequence[TaskSeen]
    events: Sequence[EventSeen]
    disputes: Sequence[DisputeSeen]
    messages: Sequence[Posted]
    back_cents: int
    phone: str
    role: Role
    zone: str


def present_rows(orders: Sequence[OrderSeen], *, zone: str) -> tuple[Row, ...]:
    """Orders in a list."""
    return tuple(
        Row(
            href=desk_path(one.public_id),
            name=one.name,
            code=order_code(one),
            item=one.title,
            status=_status(one),
            payment=payment_words(one.payment),
            total=money(one.total_cents, currency=one.currency),
            when=local_date(one.created_at, zone=zone),
            trouble=task_words(one.tasks[0])[0] if one.tasks else "",
        )
        for one in orders
    )


def present_desk_order(parts: DeskParts) -> DeskOrder:
    """The order's whole story on one page, with what this role may do about it."""
    whole, order = parts.whole, parts.whole.order
    status, role = Status(order.status), parts.role
    left = max(0, order.held_cents - _asked_back(whole))
    may_read = role in READERS[Kind.GAIT_REPORT]
    said = f"{order.name}, {order.title}"
    bought = local_date(order.created_at, zone=parts.zone)
    return DeskOrder(
        path=desk_path(order.public_id),
        code=whole.code,
        sub=str(_("%(what)s, ordered %(day)s", what=said, day=bought)),
        status=_status(order),
        steps=_steps(status) if order.product else (),
        tasks=present_tasks(parts.tasks, zone=parts.zone),
        story=tuple(_line(one, order.currency, parts.zone) for one in reversed(parts.story)),
        events=tuple(_event(one, parts.zone) for one in parts.events),
        money=_money(parts),
        balance=money(order.held_cents, currency=order.currency),
        if_cancelled=money(parts.back_cents, currency=order.currency),
        refunds=tuple(refund_line(one, order.currency, is_staff=True) for one in whole.refunds),
        receipts=_receipts(whole),
        reports=tuple(
            LinkView(one.name, f"/desk/documents/{one.public_id}" if may_read else "")
            for one in (*whole.reports, *whole.lab_files)
        ),
        patient=_patient(order, parts.phone),
        record_href=f"/desk/patients/{order.patient}",
        visit=_visit(whole),
        messages=tuple(present_row(one, parts.zone) for one in parts.messages),
        may_resend=role in MONEY,
        left=money(left, currency=order.currency),
        can_refund=role in MONEY and left > 0,
        can_accept=role in MONEY and _is_acceptable(parts, left),
        can_cancel=role in MONEY and status not in CLOSED | {Status.PROCESSING},
        can_pay=role in MONEY and status in UNPAID and order.payment == "unpaid",
        can_schedule=bool(order.product) and status is Status.PAID and order.is_entitled,
        can_record=role in LAB and status is Status.SCHEDULED,
        can_undo_record=role in LAB and status is Status.RECORDED,
        can_hand_in=role in LAB and status in {Status.SCHEDULED, Status.RECORDED, Status.RELEASED},
        can_release=role in LAB and status is Status.RECORDED and bool(whole.reports),
        can_take_back=role in LAB and status is Status.RELEASED,
    )


def _status(order: OrderSeen) -> str:
    """Where there is no product, nobody waits for a lab time: it was a visit or a balance."""
    if not order.product and Status(order.status) is Status.PAID:
        return str(_("Paid"))
    return status_words(order.status)


def _is_acceptable(parts: DeskParts, left: int) -> bool:
    """Whether all of an amount that does not fit is still here and nobody has decided."""
    order, payments = parts.whole.order, parts.whole.payments
    is_open = Status(order.status) not in GRANTED | {Status.CANCELLED} and not order.disputed
    is_listed = any(task.code == Task.AMOUNT_MISMATCH.value for task in parts.tasks)
    is_same = bool(payments) and all(one.currency == order.currency for one in payments)
    return is_open and is_listed and is_same and left == order.paid_cents


def _asked_back(whole: WholeOrder) -> int:
    return sum(one.cents for one in whole.refunds if one.state in {"requested", "pending"})


_ORDER = (Status.PAID, Status.SCHEDULED, Status.RECORDED, Status.RELEASED)


def _steps(status: Status) -> tuple[StepView, ...]:
    words = (_("Paid"), _("Lab time"), _("Recorded"), _("Report released"))
    if status in CLOSED:
        return (StepView(status_words(status), "now"),)
    reached = _ORDER.index(status) + 1 if status in GRANTED else 0
    return tuple(
        StepView(str(text), "was" if at < reached else "now" if at == reached else "")
        for at, text in enumerate(words)
    )


def _line(line: StoryLine, currency: str, zone: str) -> StoryView:
    kind = "trouble" if line.step in TROUBLE else "key" if line.step in KEY_STEPS else ""
    return StoryView(
        title=step_words(line.step, line.details, currency),
        at=moment(line.at, zone=zone),
        words=line.words or "",
        who=_who(line.actor_name),
        kind=kind,
    )


def _who(name: str) -> str:
    """Who did something: staff and programs by their names."""
    return {"public": str(_("the buyer")), "system": str(_("by itself"))}.get(name, name)


def _event(event: EventSeen, zone: str) -> StoryView:
    return StoryView(
        title=event.kind,
        at=moment(event.received_at, zone=zone),
        words=event.outcome or event.state,
        who=event.event_id,
        kind="",
    )


def _money(parts: DeskParts) -> tuple[tuple[str, str], ...]:
    order = parts.whole.order
    rows = [(order.title, money(order.total_cents, currency=order.currency))]
    for one in parts.whole.payments:
        words = _("Paid, %(how)s", how=method_words(one.method))
        if one.discount_cents:
            discount = money(-one.discount_cents, currency=one.currency)
            rows.append((str(_("Discount")), discount))
        rows.append((str(words), money(one.cents, currency=one.currency)))
    rows += [
        (str(_("Given back")), money(-back.cents, currency=order.currency))
        for back in parts.whole.refunds
        if back.state == "succeeded"
    ]
    for dispute in parts.disputes:
        words = _("Disputed: %(status)s", status=dispute_words(dispute.status))
        rows.append((str(words), money(dispute.cents, currency=order.currency)))
    return tuple(rows)


def _receipts(whole: WholeOrder) -> tuple[LinkView, ...]:
    path = desk_path(whole.order.public_id)
    return tuple(
        LinkView(
            str(_("Receipt %(number)s (PDF)", number=one.number)),
            f"{path}/receipts/{one.public_id}",
        )
        for one in whole.receipts
    )


def _patient(order: OrderSeen, phone: str) -> tuple[tuple[str, str], ...]:
    pairs = [(_("Name"), order.name), (_("Phone"), phone), (_("E-mail"), order.email or "")]
    return tuple((str(name), value) for name, value in pairs if value)


def _visit(whole: WholeOrder) -> tuple[tuple[str, str], ...]:
    visit = whole.visit
    if visit is None:
        return ()
    pairs = [
        (_("When"), long_moment(visit.starts_at, zone=visit.zone)),
        (_("With"), visit.practitioner_name),
        (_("Rooms"), ", ".join(visit.resource_names)),
        (_("Reference"), visit.reference),
        (_("State"), str(_("Cancelled")) if visit.status == "cancelled" else ""),
    ]
    return tuple((str(name), value) for name, value in pairs if value)
