"""The waitlist holds and offers free times by itself, on both engines."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from clinic.core.db import db
from clinic.core.errors import Unavailable
from clinic.core.values import PUBLIC
from clinic.messaging.delivery import deliver, deliver_texts
from clinic.scheduling.models import Hold
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.refusals import (
    OfferOver,
    SlotTaken,
    WrongEntryState,
)
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.waitlist import (
    join_waitlist,
    take_offer,
    withdraw_entry,
)
from clinic.scheduling.operations.waitlist.rounds import offer_free_times, tend_waitlist
from clinic.scheduling.queries.links import get_entry_by_token
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.queries.waitlist import (
    get_entry,
    list_offers,
)
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.waitlist import WaitWish, Window
from tests.integration.messaging.outbox import rows
from tests.integration.scheduling.a_clinic import FRONT_DESK, NOW, book, load, local, person
from tests.integration.scheduling.waitlist_ground import (
    NINE,
    SHORT,
    TUESDAY,
    WEDNESDAY,
    cancel,
    fill,
    join,
    kinds,
    offer_of,
    statuses,
    take,
)
from tests.support.mail_sink import Sink
from tests.support.page_clinic import counted_queries
from tests.support.text_double import TextDouble


@pytest.fixture
def clinic(in_app: Flask) -> Flask:
    """Tuesday is full: P has 9:00 taken by the tenth person, Q by the eleventh."""
    load(SHORT)
    return in_app


class TestOffers:
    def test_holds_a_freed_time_for_the_first_who_fits(self, clinic: Flask) -> None:
        visit, _ = fill()
        evening = join(1, windows=(Window(1000, 1200),))
        other = join(2, practitioner="q")
        first, second = join(3), join(4)
        assert offer_free_times(now=NOW) == 0
        cancel(visit)
        assert statuses(evening, other, first, second) == [
            "waiting", "waiting", "offered", "waiting",
        ]  # fmt: skip
        offer = offer_of(first)
        assert (offer.starts_at, offer.practitioner) == (NINE, "p")
        assert offer.expires_at == NOW + timedelta(hours=2)
        assert kinds()[-1] == "waitlist-offer"
        with pytest.raises(SlotTaken):
            book("2026-03-03 09:00", who=9)
        assert offer_free_times(now=NOW, service="eval") == 0

    def test_offers_what_a_move_frees_and_what_new_hours_bring(self, clinic: Flask) -> None:
        visit, _ = fill()
        first, second = join(1), join(2)
        move_appointment(
            public_id=visit.public_id,
            change=Change(version=visit.version, starts_at=local("2026-03-04 09:00")),
            actor=FRONT_DESK,
            now=NOW,
        )
        assert statuses(first, second) == ["offered", "waiting"]
        tend_waitlist(now=NOW)
        load(SHORT.replace('to = "10:00"', 'to = "11:00"', 1))
        tend_waitlist(now=NOW)
        assert offer_of(second).starts_at == local("2026-03-03 10:00")

    def test_goes_on_to_the_next_when_nobody_answers(self, clinic: Flask) -> None:
        visit, _ = fill()
        first, second = join(1), join(2)
        cancel(visit)
        over = offer_of(first).expires_at
        tend_waitlist(now=over - timedelta(seconds=1))
        assert statuses(first, second) == ["offered", "waiting"]
        tend_waitlist(now=over)
        assert statuses(first, second) == ["waiting", "offered"]
        assert get_entry(first.public_id).lapses == 1
        lapsed = list_offers(first.public_id)[0]
        with pytest.raises(OfferOver):
            take_offer(public_id=first.public_id, offer=lapsed.public_id, actor=PUBLIC, now=over)
        tend_waitlist(now=offer_of(second).expires_at)
        assert statuses(first, second) == ["waiting", "waiting"]
        assert book("2026-03-03 09:00", who=9).status == "booked"

    def test_ends_with_the_third_that_nobody_answered(self, clinic: Flask) -> None:
        entry = join(to_date=date(2026, 3, 20), practitioner="p")
        now = NOW
        for lapses in range(3):
            tend_waitlist(now=now)
            assert get_entry(entry.public_id).lapses == lapses
            now = offer_of(entry).expires_at
        tend_waitlist(now=now)
        assert statuses(entry) == ["expired"]

    def test_passes_over_who_cannot_come(self, clinic: Flask) -> None:
        """One has a visit then, another has one of this kind that day."""
        load('to = "11:00"'.join(SHORT.rsplit('to = "10:00"', 1)))
        visit = book("2026-03-03 09:00", who=10)
        book("2026-03-03 09:00", service="fu", practitioner="q", who=1)
        book("2026-03-03 10:00", practitioner="q", who=2)
        busy, limited, free = join(1), join(2), join(3)
        cancel(visit)
        assert statuses(busy, limited, free) == ["waiting", "waiting", "offered"]

    def test_ends_the_wait_when_its_dates_are_over(self, clinic: Flask) -> None:
        fill()
        entry = join()
        tend_waitlist(now=local("2026-03-03 23:59"))
        assert statuses(entry) == ["waiting"]
        tend_waitlist(now=local("2026-03-04 00:00"))
        assert statuses(entry) == ["expired"]
        with pytest.raises(WrongEntryState):
            withdraw_entry(public_id=entry.public_id, actor=PUBLIC, now=NOW)

    def test_gives_way_to_a_cancellation_that_is_undone(self, clinic: Flask) -> None:
        visit, _ = fill()
        entry = join()
        cancel(visit)
        undone = take_step(public_id=visit.public_id, action=Action.UNDO, actor=FRONT_DESK, now=NOW)
        assert undone.status == "booked"
        assert statuses(entry) == ["waiting"]
        cancel(visit)
        late = NOW + timedelta(seconds=21)
        assert statuses(entry) == ["offered"]
        with pytest.raises(SlotTaken):
            take_step(public_id=visit.public_id, action=Action.UNDO, actor=FRONT_DESK, now=late)

    def test_offers_a_seat_of_a_class_and_a_licensed_video_visit(self, clinic: Flask) -> None:
        seats = [book("2026-03-03 09:00", service="class", who=n) for n in (10, 11)]
        waits = join(1, service="class")
        video = join(2, service="video", state="NY", from_date=WEDNESDAY, to_date=WEDNESDAY)
        cancel(seats[0])
        tend_waitlist(now=NOW)
        assert offer_of(waits).starts_at == NINE
        assert get_visit(take(waits).visit or "").capacity == 2
        assert get_visit(take(video).visit or "").patient_state == "NY"

    def test_holds_nothing_that_it_could_not_tell(self, clinic: Flask) -> None:
        """A worker that dies between the hold and the message loses neither: they are one."""
        visit, _ = fill()
        cancel(visit)
        entry = join()
        with db.engine.begin() as gone:
            gone.execute(text("ALTER TABLE messages RENAME TO messages_elsewhere"))
        with pytest.raises((DBAPIError, Unavailable)):
            tend_waitlist(now=NOW)
        with db.engine.begin() as back:
            back.execute(text("ALTER TABLE messages_elsewhere RENAME TO messages"))
        assert statuses(entry) == ["waiting"]
        assert db.session.scalars(select(Hold)).all() == []
        tend_waitlist(now=NOW)
        assert statuses(entry) == ["offered"]

    def test_looks_at_what_has_not_changed_for_next_to_nothing(self, clinic: Flask) -> None:
        with counted_queries(clinic) as idle:
            tend_waitlist(now=NOW)
        fill()
        for who in range(1, 9):
            join(who)
        tend_waitlist(now=NOW)
        with counted_queries(clinic) as again:
            tend_waitlist(now=NOW)
        assert len(idle) <= 4
        assert len(again) <= 13


class TestMessages:
    def test_lead_to_the_entry_and_go_only_while_the_time_is_held(
        self, mailing_app: Flask, sink: Sink, texts: TextDouble
    ) -> None:
        load(SHORT)
        visit, _ = fill()
        who = replace(person(1), phone="+12125550141", wants_texts=True)
        wish = WaitWish(service="eval", from_date=TUESDAY, to_date=TUESDAY)
        first = join_waitlist(wish=wish, patient=who, actor=PUBLIC, now=NOW)
        second = join(2)
        deliver(now=NOW)
        cancel(visit)
        told = NOW + timedelta(seconds=20)
        deliver(now=told)
        deliver_texts(now=told)
        mail = sink.mails[-1]
        assert mail["To"] == "Pat1 Example <pat1@example.com>"
        assert mail["Subject"] == "A time has become free at Test Rehab"
        body = mail.get_body(("plain",))
        assert body is not None
        for words in (str(body.get_content()), texts.texts[-1]["Body"]):
            token = words.partition("https://riverside.example/waitlist/")[2].split()[0]
            assert get_entry_by_token(token).public_id == first.public_id
            assert "Evaluation" not in words
        withdraw_entry(public_id=first.public_id, actor=PUBLIC, now=told)
        tend_waitlist(now=told)
        assert statuses(second) == ["offered"]
        withdraw_entry(public_id=second.public_id, actor=PUBLIC, now=told)
        deliver(now=told + timedelta(minutes=1))
        assert (rows()[-1].kind, rows()[-1].state) == ("waitlist-offer", "dropped")
