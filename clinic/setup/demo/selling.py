"""What the demo's lab has sold: orders in every state, paid at the desk, so that no payment service
needs to be there while the demo is made. The reports are plainly made up."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from clinic.core.errors import Refusal
from clinic.core.values import Actor, Role
from clinic.documents.operations import NewDocument, store_document
from clinic.documents.rules import Kind
from clinic.gait.operations.orders import WishedProduct, create_order
from clinic.gait.operations.releasing import add_note, record_lab_visit, release_report
from clinic.gait.operations.scheduling import schedule_order
from clinic.gait.queries.orders import get_gait_order
from clinic.payments.operations.orders import pay_at_desk
from clinic.payments.refunding import cancel_order, request_refund
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.diary import instant, query_now
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.slots import find_availability
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.status import Action
from clinic.setup.demo.people import patients
from clinic.web.pdf import render_pdf

Actors = dict[Role, Actor]
AFTER_VISIT = timedelta(minutes=10)
UNTIL_REPORT = timedelta(days=2)
SEARCHED_DAYS = 14
SEARCHED_TIMES = 8
NOONISH = 16
"""UTC: when the desk is open in the demo's time zone, all year."""


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """An order, made so many days ago by the demo's patient of that number.

    ``visit_after``: days from the order to the lab visit, None while none is chosen. ``ends`` is
    what became of it in the end.
    """

    days_ago: int
    patient: int
    product: str
    visit_after: int | None = None
    ends: str = ""
    method: str = "terminal"


ORDERS = (
    DemoOrder(47, 3, "gait-3d", 5, "released"),
    DemoOrder(40, 11, "gait-walking", 4, "released", "cash"),
    DemoOrder(34, 17, "gait-3d", 6, "partly-refunded"),
    DemoOrder(27, 24, "gait-3d", 5, "released"),
    DemoOrder(21, 30, "gait-follow-up", 4, "released", "cash"),
    DemoOrder(15, 36, "gait-3d", 8, "recorded"),
    DemoOrder(13, 41, "gait-walking", None, "cancelled"),
    DemoOrder(9, 45, "gait-3d", 4, "recorded"),
    DemoOrder(6, 52, "gait-3d", 9, "called-off"),
    DemoOrder(4, 58, "gait-walking", 8),
    DemoOrder(3, 63, "gait-ultrasound", 9),
    DemoOrder(2, 69, "gait-3d", None, "", "cash"),
    DemoOrder(1, 74, "gait-3d", None, "link"),
)
"""The oldest first: so receipts are numbered in the order of their days."""


def sell_analyses(*, now: datetime, actors: Actors) -> int:
    """Live through every order; answers how many visits were booked for them.

    Where the lab has no room an order stays without a time, as anybody's would.
    """
    return sum(_live(one, now=now, actors=actors) for one in ORDERS)


def _live(one: DemoOrder, *, now: datetime, actors: Actors) -> int:
    desk = actors[Role.FRONT_DESK]
    day = now - timedelta(days=one.days_ago)
    at = day.replace(hour=NOONISH, minute=one.patient % 60, second=0)
    order = create_order(
        wished=WishedProduct(product=one.product),
        patient=patients()[one.patient],
        actor=desk,
        now=at,
        is_link=one.ends == "link",
    ).public_id
    if one.ends == "link":
        return 0
    pay_at_desk(public_id=order, method=one.method, actor=desk, now=at)
    if one.ends == "cancelled":
        reason = "The patient moves away before a time suits."
        cancel_order(public_id=order, actor=desk, now=at + timedelta(days=1), reason=reason)
    if one.visit_after is None:
        return 0
    starts_at = _book(order, at + timedelta(days=one.visit_after), desk, at + timedelta(minutes=3))
    if starts_at is None:
        return 0
    _after(one, order, starts_at, now=now, actors=actors)
    return 1


def _book(order: str, day: datetime, desk: Actor, at: datetime) -> datetime | None:
    """Book the first time of that day or a later one that was free; None where there was none."""
    service = get_gait_order(order, now=at).service
    query = Query(setting=get_setting(), service=service, now=query_now(at), staff=True)
    last = (day + timedelta(days=SEARCHED_DAYS)).date()
    found = find_availability(query=query, from_date=day.date(), to_date=last, now=at)
    for slot in found.listing.slots[:SEARCHED_TIMES]:
        with suppress(Refusal):
            starts_at = instant(slot.start)
            schedule_order(public_id=order, starts_at=starts_at, actor=desk, now=at)
            return starts_at
    return None


def _after(
    one: DemoOrder, order: str, starts_at: datetime, *, now: datetime, actors: Actors
) -> None:
    """What became of the visit, and of the order with it."""
    desk, lab = actors[Role.FRONT_DESK], actors[Role.GAIT_LAB]
    visit = get_gait_order(order, now=now).visit or ""
    if one.ends == "called-off":
        reason = "The force plates are being repaired that day."
        at = now - timedelta(hours=2)
        take_step(public_id=visit, action=Action.CANCEL, actor=desk, now=at, reason=reason)
        add_note(public_id=order, text="Called, left a message. Try again.", actor=desk, now=at)
    seen_at = starts_at + timedelta(hours=2)
    if not one.ends or seen_at >= now:
        return
    record_lab_visit(public_id=order, actor=lab, now=seen_at)
    with suppress(Refusal):
        at = seen_at + AFTER_VISIT
        take_step(public_id=visit, action=Action.FULFIL, actor=actors[Role.CLINICIAN], now=at)
    if one.ends == "partly-refunded":
        _give_some_back(order, min(now, seen_at + UNTIL_REPORT), desk)
    elif one.ends == "released":
        _release(order, min(now, seen_at + UNTIL_REPORT), lab)


def _give_some_back(order: str, at: datetime, desk: Actor) -> None:
    reason = "The running part was left out: the treadmill stood still."
    request_refund(public_id=order, cents=12_000, reason=reason, actor=desk, now=at)


def _release(order: str, at: datetime, lab: Actor) -> None:
    patient = get_gait_order(order, now=at).order.patient
    new = NewDocument(
        patient=patient,
        kind=Kind.GAIT_REPORT,
        about=f"order:{order}",
        name="sample-gait-report.pdf",
        content=_report(),
    )
    store_document(new=new, actor=lab, now=at)
    release_report(public_id=order, actor=lab, now=at)


@cache
def _report() -> bytes:
    """One page that says of itself that nobody was measured."""
    made_at = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    data = {
        "title": "Sample gait report",
        "language": "en",
        "lead": "Made up for the demonstration: nobody was measured.",
        "clinic": {"name": "Riverside Rehab (demo)", "phone": "", "address": []},
        "facts": [["Person", "Nobody"], ["Lab", "Gait lab of the demonstration"]],
        "words": {"page": "Page", "items": "Right side", "what": "Measure", "amount": "Value"},
        "lines": [
            ["Walking speed", "1.31 m/s"],
            ["Steps per minute", "112"],
            ["Knee, most bend in swing", "54 degrees"],
            ["Hip, most stretch in stance", "9 degrees"],
        ],
        "totals": [],
        "notes": ["Every number on this page is invented. It is no finding about anybody."],
    }
    return render_pdf("receipt", data=data, made_at=made_at)
