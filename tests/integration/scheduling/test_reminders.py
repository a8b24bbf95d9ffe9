"""Reminders: one for the time that stands, none for a time that went, by mail and by text."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.values import PUBLIC
from clinic.messaging.delivery import deliver, deliver_texts
from clinic.messaging.models import Message
from clinic.messaging.operations.sending import take_parcels
from clinic.people.operations.contact import choose_contact
from clinic.scheduling.letters import gather_reminders
from clinic.scheduling.models import Practitioner
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.digests import post_digests
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.reminders import plan_reminders
from clinic.scheduling.operations.series import Rule, book_series
from clinic.scheduling.operations.series_changes import move_series
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from tests.integration.messaging.outbox import rows
from tests.integration.scheduling.a_clinic import (
    FRONT_DESK,
    NEW_YORK,
    NOW,
    book,
    load,
    local,
    person,
)
from tests.integration.scheduling.test_telling import plain
from tests.support.mail_sink import Sink
from tests.support.text_double import TextDouble


@pytest.fixture(autouse=True)
def a_clinic(mailing_app: Flask) -> None:
    load()


def plan(now: datetime = NOW) -> None:
    plan_reminders(now=now, has_texts=True)


def run_until(end: str, *, begin: datetime = NOW) -> None:
    """Let an hourly worker plan and send up to a local time."""
    at = begin
    while at <= local(end):
        plan(at)
        deliver(now=at)
        deliver_texts(now=at)
        at += timedelta(hours=1)


def reminders() -> list[Message]:
    return [row for row in rows() if row.kind == "visit-reminder"]


def sent_reminders() -> list[str]:
    """The local times at which reminders went out."""
    return [
        row.sent_at.astimezone(NEW_YORK).strftime("%d %H:%M")
        for row in reminders()
        if row.sent_at is not None
    ]


def move(visit: Visit, start: str, *, now: datetime = NOW) -> Visit:
    change = Change(version=None, starts_at=local(start))
    return move_appointment(public_id=visit.public_id, change=change, actor=FRONT_DESK, now=now)


class TestReminders:
    def test_come_at_the_policys_hours_and_ask_for_a_word(self, sink: Sink) -> None:
        book("2026-03-06 10:00", actor=PUBLIC)
        run_until("2026-03-06 12:00")
        assert sent_reminders() == ["03 10:00", "05 10:00", "06 08:00"]
        mail = sink.mails[-1]
        assert mail["Subject"] == "Reminder: your visit at Test Rehab on Fri, Mar 6"
        assert "Confirm this visit:\nhttps://riverside.example/visits/" in plain(mail)

    def test_are_planned_once(self) -> None:
        book("2026-03-06 10:00", actor=PUBLIC)
        for _ in range(3):
            plan()
        assert len(reminders()) == 3

    def test_are_none_for_who_has_just_booked(self) -> None:
        book("2026-03-03 09:00", actor=PUBLIC)
        run_until("2026-03-03 10:00")
        assert sent_reminders() == ["03 07:00"]

    def test_say_that_somebody_has_confirmed(self, sink: Sink) -> None:
        visit = book("2026-03-04 10:00", actor=PUBLIC)
        take_step(public_id=visit.public_id, action=Action.CONFIRM, actor=PUBLIC, now=NOW)
        run_until("2026-03-03 12:00")
        assert "You have told us that you will come." in plain(sink.mails[-1])

    def test_are_none_for_a_cancelled_visit(self) -> None:  # C5
        visit = book("2026-03-06 10:00")
        plan()
        take_step(public_id=visit.public_id, action=Action.CANCEL, actor=FRONT_DESK, now=NOW)
        told = {(row.state, row.last_error) for row in reminders()}
        assert told == {("dropped", "the visit was cancelled after this was planned")}
        run_until("2026-03-06 12:00")
        assert sent_reminders() == []

    def test_in_the_hands_of_a_worker_are_left_to_it(self) -> None:
        visit = book("2026-03-06 10:00")
        plan()
        due = local("2026-03-03 10:00")
        lease, taken = take_parcels(limit=9, now=due)
        parcel = next(one for one in taken if one.kind == "visit-reminder")
        take_step(public_id=visit.public_id, action=Action.CANCEL, actor=FRONT_DESK, now=due)
        assert [row.lease for row in reminders()] == [lease, None, None]
        assert gather_reminders(parcels=[parcel], now=due)(parcel=parcel, now=due) is None

    def test_come_for_a_visit_that_came_back(self) -> None:
        visit = book("2026-03-06 10:00")
        plan()
        take_step(public_id=visit.public_id, action=Action.CANCEL, actor=FRONT_DESK, now=NOW)
        plan()
        take_step(public_id=visit.public_id, action=Action.UNDO, actor=FRONT_DESK, now=NOW)
        run_until("2026-03-06 12:00")
        assert sent_reminders() == ["03 10:00", "05 10:00", "06 08:00"]

    def test_are_for_the_new_time_only_once_a_visit_is_moved(self) -> None:  # C5
        visit = book("2026-03-06 10:00")
        plan()
        move(visit, "2026-03-10 11:00")
        assert {row.state for row in reminders()} == {"dropped"}
        run_until("2026-03-10 12:00")
        assert sent_reminders() == ["07 11:00", "09 11:00", "10 09:00"]

    def test_come_once_when_a_visit_is_moved_there_and_back(self) -> None:
        visit = book("2026-03-06 10:00")
        plan()
        move(visit, "2026-03-10 11:00")
        plan()
        move(visit, "2026-03-06 10:00")
        run_until("2026-03-10 12:00")
        assert sent_reminders() == ["03 10:00", "05 10:00", "06 08:00"]

    def test_follow_a_series(self) -> None:
        made = book_series(
            wish=Wish(service="fu", starts_at=local("2026-03-05 10:00"), practitioner="p"),
            rule=Rule(weekly=(3,), count=2),
            patient=person(),
            on_conflict="none",
            actor=FRONT_DESK,
            now=NOW,
        )
        plan()
        first = made.visits[0].visit
        assert first is not None
        assert first.series is not None
        move_series(
            public_id=first.series,
            from_visit=None,
            practitioner=None,
            local_minute=14 * 60,
            actor=FRONT_DESK,
            now=NOW,
        )
        run_until("2026-03-05 15:00")
        assert sent_reminders() == ["02 14:00", "04 14:00", "05 12:00"]

    def test_go_by_text_too_to_who_asked_for_it(self, texts: TextDouble) -> None:
        wish = Wish(service="eval", starts_at=local("2026-03-04 10:00"), practitioner="p")
        pat = replace(person(), phone="+12125550142")
        visit = book_appointment(wish=wish, patient=pat, actor=PUBLIC, now=NOW)
        plan()
        choose_contact(
            patient=visit.patient, channel="sms", is_wanted=True, actor=FRONT_DESK, now=NOW
        )
        run_until("2026-03-03 11:00")
        assert sent_reminders() == ["03 10:00"] * 2
        body = texts.texts[0]["Body"]
        assert body.startswith(
            "Test Rehab: your visit is on Wed, Mar 4 at 10:00 AM."
            " Clinic time: New York (Eastern Time). Confirm, move or cancel:"
            " https://riverside.example/visits/"
        )


class TestDigest:
    @pytest.fixture(autouse=True)
    def address(self) -> None:
        @transaction
        def write() -> None:
            row = db.session.scalars(select(Practitioner).where(Practitioner.slug == "p")).one()
            row.email = "p@example.com"

        write()
        post_digests(now=NOW)

    def test_tells_a_practitioner_in_the_evening_how_much_has_changed(self, sink: Sink) -> None:
        first = book("2026-03-06 10:00")
        book("2026-03-06 12:00", who=2)
        take_step(public_id=first.public_id, action=Action.CANCEL, actor=FRONT_DESK, now=NOW)
        post_digests(now=local("2026-03-02 17:59"))
        assert not [row for row in rows() if row.kind == "practitioner-digest"]
        for minute in ("18:00", "18:01"):
            post_digests(now=local(f"2026-03-02 {minute}"))
        deliver(now=local("2026-03-02 18:02"))
        mail = sink.mails[-1]
        assert [one.addr_spec for one in mail["To"].addresses] == ["p@example.com"]
        assert mail["Subject"] == "Changes in your calendar at Test Rehab"
        text = plain(mail)
        assert "- 2 visits were booked" in text
        assert "- 1 visit was cancelled" in text
        assert "Pat" not in text
        assert len([row for row in rows() if row.kind == "practitioner-digest"]) == 1

    def test_is_silent_where_nothing_has_changed(self) -> None:
        post_digests(now=local("2026-03-02 18:00"))
        assert rows() == []
