"""What the demo's patients paid at the desk, and how each day's till was closed."""

from datetime import datetime, timedelta

from clinic.core.db import transaction
from clinic.core.values import Actor
from clinic.desk.operations.money import Taking, take_inside
from clinic.desk.queries.calendar import Span
from clinic.desk.queries.money import list_visit_money
from clinic.payments.operations.till import Counted, TillDay, close_till, move_cash
from clinic.payments.queries.till import get_till
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.queries.visits import Visit, list_visits

LIVED = timedelta(days=40)
PAID_WHEN = frozenset({"checked-in", "fulfilled"})
CASH_EVERY, OWES_EVERY = 4, 17
FLOAT_CENTS = 15000
BEFORE_NOON, EVENING = timedelta(hours=8), timedelta(hours=22)


def pay_demo_visits(now: datetime, desk: Actor) -> None:
    """Whoever came paid, but for a few; every evening but today's the drawer was counted."""
    zone, today = get_setting().zone, clinic_date(now)
    day = clinic_date(now - LIVED)
    while day <= today:
        span = Span(day, day, zone)
        listed = list_visits(starts_at=span.begins, ends_at=min(span.ends, now), limit=500).visits
        came = [one for one in listed if one.status in PAID_WHEN]
        if came:
            _live_a_day(came, span, desk, is_over=day < today)
        day += timedelta(days=1)


def _live_a_day(came: list[Visit], span: Span, desk: Actor, *, is_over: bool) -> None:
    day = span.first
    till = TillDay(day, span.begins, span.ends)
    if get_till(day=day, begins=till.begins, ends=till.ends).drawer.start_cents == 0:
        move_cash(
            day=day,
            cents=FLOAT_CENTS,
            reason="Change to begin with",
            actor=desk,
            now=span.begins + BEFORE_NOON,
        )
    _pay(came, desk)
    if not is_over:
        return
    drawer = get_till(day=day, begins=till.begins, ends=till.ends).drawer
    counted = Counted(
        cents=drawer.expected_cents,
        banked_cents=max(0, drawer.expected_cents - FLOAT_CENTS),
        expected_cents=drawer.expected_cents,
        seen=0,
    )
    close_till(till=till, counted=counted, actor=desk, now=span.begins + EVENING)


@transaction
def _pay(came: list[Visit], desk: Actor) -> None:
    money = list_visit_money(came)
    for one in came:
        found = money.get(one.public_id)
        if found is None or found.is_bought or one.appointment_id % OWES_EVERY == 0:
            continue
        is_cash = one.appointment_id % CASH_EVERY == 0
        taking = Taking(
            visit=one.public_id,
            cents=found.left_cents,
            means="cash" if is_cash else "terminal",
            left_cents=found.left_cents,
            key=f"demo {one.public_id}",
            reference=None if is_cash else f"{one.appointment_id:04d}",
        )
        take_inside(taking=taking, actor=desk, now=one.starts_at)
