"""Rounds that look only at what is new find all that a look at everything would."""

import random
from contextlib import suppress
from datetime import date, datetime, timedelta

from flask import Flask

from clinic.core.errors import Refusal
from clinic.core.values import PUBLIC
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.waitlist import (
    decline_offer,
    join_waitlist,
    take_offer,
    withdraw_entry,
)
from clinic.scheduling.operations.waitlist.rounds import tend_waitlist
from clinic.scheduling.queries.diary import query_now, seconds
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.slots import find_availability
from clinic.scheduling.queries.waitlist import WaitingEntry, list_entries, list_offers
from clinic.scheduling.rules.asking import Query, Slot
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.waitlist import EntryStatus, WaitWish, Window, on_the_wall, suits
from tests.integration.scheduling.a_clinic import CLINIC, FRONT_DESK, NOW, book, load, person

TURNS = 30
DAYS = [date(2026, 3, day) for day in (3, 4, 5)]


def entries(status: EntryStatus) -> tuple[WaitingEntry, ...]:
    return list_entries(statuses=[status]).entries


def join(chance: random.Random, who: int, now: datetime) -> None:
    first = chance.choice(DAYS)
    starts = chance.choice((540, 555, 600))
    wish = WaitWish(
        service="eval",
        from_date=first,
        to_date=chance.choice([day for day in DAYS if day >= first]),
        practitioner=chance.choice((None, "p", "q")),
        days=frozenset(chance.choice(((), (1,), (2, 3)))),
        windows=chance.choice(((), (Window(starts, starts + 60),))),
    )
    join_waitlist(wish=wish, patient=person(who), actor=PUBLIC, now=now)


def do_something(chance: random.Random, visits: list[str], who: int, now: datetime) -> None:
    """One thing that somebody does, or tries to."""
    offered = entries(EntryStatus.OFFERED)
    one = chance.choice(offered) if offered else None
    offer = one.offer.public_id if one and one.offer else ""
    what = chance.choice(("join", "join", "book", "cancel", "cancel", "take", "decline", "leave"))
    if what == "join":
        join(chance, who, now)
    elif what == "book":
        start = f"{chance.choice(DAYS)} {chance.choice(('09:00', '09:30', '10:00'))}"
        visits.append(book(start, practitioner=chance.choice("pq"), who=who, now=now).public_id)
    elif what == "cancel" and visits:
        name = visits.pop(chance.randrange(len(visits)))
        step = {"action": Action.CANCEL, "actor": FRONT_DESK, "now": now, "reason": "x"}
        take_step(public_id=name, **step)  # type: ignore[arg-type]
    elif one is not None and what == "take":
        take_offer(public_id=one.public_id, offer=offer, actor=PUBLIC, now=now)
    elif one is not None and what == "decline":
        decline_offer(public_id=one.public_id, offer=offer, actor=PUBLIC, now=now)
    elif one is not None and what == "leave":
        withdraw_entry(public_id=one.public_id, actor=PUBLIC, now=now)


def unserved(now: datetime) -> list[tuple[str, Slot]]:
    """Who waits though a time is free that suits and was not offered to them before."""
    setting, found = get_setting(), []
    query = Query(setting=setting, service="eval", now=query_now(now))
    free = find_availability(
        query=query, from_date=DAYS[0], to_date=DAYS[-1], now=now
    ).listing.slots
    for entry in entries(EntryStatus.WAITING):
        before = [(seconds(o.starts_at), seconds(o.ends_at)) for o in list_offers(entry.public_id)]
        for slot in free:
            wall = on_the_wall(
                practitioner=slot.practitioner,
                location=slot.location,
                zone=setting.zone,
                start=slot.start,
                minutes=60,
            )
            is_old = any(starts < slot.end and slot.start < ends for starts, ends in before)
            if suits(wants=entry.wants, time=wall) and not is_old:
                found.append((entry.public_id, slot))
    return found


def test_nobody_waits_for_a_time_that_is_free(in_app: Flask) -> None:
    load(CLINIC.replace('to = "17:00"', 'to = "11:00"'))
    chance, visits = random.Random(1), list[str]()
    for n, day in enumerate(DAYS):
        for practitioner in "pq":
            who = 100 + 2 * n + "pq".index(practitioner)
            visits.append(book(f"{day} 09:30", practitioner=practitioner, who=who).public_id)
    for turn in range(TURNS):
        now = NOW + timedelta(minutes=turn)
        with suppress(Refusal):
            do_something(chance, visits, 200 + turn, now)
        tend_waitlist(now=now)
        assert unserved(now) == []
