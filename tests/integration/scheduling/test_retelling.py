"""Telling a patient once more of a visit: as it stands now, to today's address, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from clinic.core.audit import AuditEntry
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import PUBLIC
from clinic.messaging.delivery import deliver, deliver_texts
from clinic.messaging.operations.resending import (
    LookedOld,
    NoAddress,
    OnItsWay,
    ToldOnce,
    Unwanted,
    resend_message,
)
from clinic.messaging.repeats import NothingToRepeat
from clinic.messaging.rules import State
from clinic.people.models import Patient
from clinic.people.operations.contact import choose_contact
from clinic.scheduling.operations.reminders import plan_reminders
from clinic.scheduling.operations.requests import decline_request
from clinic.scheduling.operations.series_changes import cancel_series
from clinic.scheduling.operations.waitlist import withdraw_entry
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from tests.integration.messaging.outbox import post, post_notice, rows, states
from tests.integration.scheduling import test_requests, test_telling
from tests.integration.scheduling.a_clinic import FRONT_DESK, NOW, book, load, local
from tests.integration.scheduling.test_telling import (
    LATER,
    UNDO,
    calendars,
    move,
    plain,
    step,
    subjects,
)
from tests.integration.scheduling.waitlist_ground import SHORT, offered
from tests.support.mail_sink import Sink
from tests.support.text_double import TextDouble

SOON = LATER + timedelta(minutes=5)


@pytest.fixture
def visit(mailing_app: Flask, sink: Sink) -> Visit:
    """Told of on Monday, for Tuesday."""
    load()
    made = book("2026-03-03 10:00", actor=PUBLIC)
    deliver(now=NOW)
    assert len(sink.mails) == 1
    return made


def again(visit: Visit, *, message: int = 0, after: timedelta = timedelta(0)) -> None:
    resend_message(
        public_id=rows()[message].public_id,
        patient=visit.patient,
        actor=FRONT_DESK,
        now=SOON + after,
    )


@transaction
def write_down(email: str | None) -> None:
    """The desk corrects the address."""
    db.session.execute(update(Patient).values(email=email, phone="+12125550142"))


class TestRepeating:
    def test_tells_the_visit_anew_with_its_calendar_file_at_once(
        self, visit: Visit, sink: Sink
    ) -> None:
        again(visit)
        deliver(now=SOON)
        assert states() == ["sent", "sent"]
        assert subjects(sink) == ["Your visit at Test Rehab on Tue, Mar 3"] * 2
        first, second = (next(iter(calendars(mail)[0].walk("VEVENT"))) for mail in sink.mails)
        assert (first["UID"], first["SEQUENCE"]) == (second["UID"], second["SEQUENCE"])
        assert "https://riverside.example/visits/" in plain(sink.mails[1])
        entry = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "message.repeated")
        ).one()
        assert (entry.subject, entry.actor_name) == (
            f"message:{rows()[0].public_id}",
            FRONT_DESK.name,
        )

    def test_goes_to_the_address_of_today(self, visit: Visit, sink: Sink) -> None:
        write_down("new@example.com")
        again(visit)
        deliver(now=SOON)
        assert sink.mails[1]["To"] == "Pat1 Example <new@example.com>"

    def test_tells_a_moved_visit_as_it_stands(self, visit: Visit, sink: Sink) -> None:
        move(visit, "2026-03-04 11:00", actor=PUBLIC, after=UNDO)
        deliver(now=LATER)
        again(visit)
        deliver(now=SOON)
        assert subjects(sink)[2] == "Your visit at Test Rehab on Wed, Mar 4"

    def test_tells_a_cancelled_one_as_cancelled(self, visit: Visit, sink: Sink) -> None:
        step(visit, Action.CANCEL)
        deliver(now=LATER)
        again(visit)
        deliver(now=SOON)
        assert subjects(sink)[1:] == ["Your visit at Test Rehab on Tue, Mar 3 is cancelled"] * 2

    def test_is_not_sent_when_the_visit_went_meanwhile(self, visit: Visit, sink: Sink) -> None:
        again(visit)
        step(visit, Action.CANCEL)
        deliver(now=SOON)
        assert states() == ["sent", "dropped", "sent"]

    def test_happens_once_while_it_waits_and_again_after_it_went(
        self, visit: Visit, sink: Sink
    ) -> None:
        again(visit)
        with pytest.raises(OnItsWay):
            again(visit)
        deliver(now=SOON)
        again(visit, message=1)
        deliver(now=SOON)
        assert states() == ["sent"] * 3

    def test_happens_once_for_two_presses_at_one_moment(
        self, mailing_app: Flask, visit: Visit
    ) -> None:
        message = rows()[0].public_id
        db.session.rollback()

        def press(_: int) -> str:
            with mailing_app.app_context():
                try:
                    resend_message(
                        public_id=message, patient=visit.patient, actor=FRONT_DESK, now=SOON
                    )
                except Refusal as refusal:
                    return refusal.code
            return "done"

        with ThreadPoolExecutor(4) as hands:
            answers = sorted(hands.map(press, range(4)))
        assert answers == ["done", *["on-its-way"] * 3]
        assert states() == ["sent", "due"]

    def test_tells_what_is_left_of_a_series(self, mailing_app: Flask, sink: Sink) -> None:
        load()
        series = test_telling.TestSeries().make()
        cancel_series(public_id=series, from_visit=3, reason=None, actor=FRONT_DESK, now=NOW)
        deliver(now=LATER)
        resend_message(
            public_id=rows()[0].public_id,
            patient=rows()[0].patient or "",
            actor=FRONT_DESK,
            now=SOON,
        )
        deliver(now=SOON)
        assert subjects(sink)[2] == "Your visits at Test Rehab"
        assert len(calendars(sink.mails[2])) == 2


class TestRefusing:
    def refused(self, visit: Visit, why: type[Refusal]) -> Callable[..., None]:
        def ask(*, message: int = 0, after: timedelta = timedelta(0)) -> None:
            before = len(rows())
            with pytest.raises(why):
                again(visit, message=message, after=after)
            assert len(rows()) == before

        return ask

    def test_writes_nothing_where_nothing_can_be_told(self, visit: Visit) -> None:
        post(now=NOW)
        self.refused(visit, NothingToRepeat)(after=timedelta(days=2))
        move(visit, "2026-03-04 11:00")
        self.refused(visit, OnItsWay)(message=-1)
        self.refused(visit, OnItsWay)()
        self.refused(visit, NotFound)(message=1)  # a code, which is nobody's record's

    def test_asks_how_the_patient_wants_to_be_told(self, visit: Visit) -> None:
        choose_contact(
            patient=visit.patient, channel="email", is_wanted=False, actor=FRONT_DESK, now=NOW
        )
        self.refused(visit, Unwanted)()
        choose_contact(
            patient=visit.patient, channel="email", is_wanted=True, actor=FRONT_DESK, now=NOW
        )
        write_down(None)
        self.refused(visit, NoAddress)()


def send_again(number: int, *, seen: State | None = None, now: datetime = SOON) -> None:
    resend_message(public_id=rows()[number].public_id, actor=FRONT_DESK, now=now, seen=seen)


def given_up(sink: Sink) -> None:
    """What is due is refused for good, once."""
    sink.on_rcpt = lambda _to: "550 5.1.1 nobody here"
    deliver(now=NOW)
    sink.on_rcpt = lambda _to: None


class TestWhatWasGivenUp:
    def test_is_tried_anew_as_it_is_where_nothing_has_changed(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        load()
        book("2026-03-03 10:00", actor=PUBLIC)
        given_up(sink)
        send_again(0, seen=State.FAILED)
        with pytest.raises(OnItsWay):
            send_again(0, seen=State.FAILED)
        deliver(now=SOON)
        assert states() == ["sent"]
        assert sink.mails[0]["Message-ID"].startswith(f"<{rows()[0].public_id}@")
        with pytest.raises(LookedOld):
            send_again(0, seen=State.FAILED)

    def test_makes_way_for_one_to_the_address_of_today(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        load()
        book("2026-03-03 10:00", actor=PUBLIC)
        given_up(sink)
        write_down("new@example.com")
        send_again(0)
        deliver(now=SOON)
        assert states() == ["dropped", "sent"]
        assert rows()[0].last_error == "sent again as another message"
        assert sink.mails[0]["To"] == "Pat1 Example <new@example.com>"

    def test_of_a_moment_is_tried_anew_but_never_told_twice(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        post_notice(now=NOW)
        given_up(sink)
        send_again(0)
        deliver(now=SOON)
        assert states() == ["sent"]
        with pytest.raises(ToldOnce):
            send_again(0)


def texting(visit: Visit, *, is_wanted: bool) -> None:
    choose_contact(
        patient=visit.patient, channel="sms", is_wanted=is_wanted, actor=FRONT_DESK, now=NOW
    )


class TestOthers:
    """What is told of requests, the waitlist and as a reminder."""

    def test_a_request_is_told_while_it_stands_so(self, mailing_app: Flask, sink: Sink) -> None:
        load()
        asked = test_requests.ask()
        deliver(now=NOW)
        send_again(0)
        deliver(now=SOON)
        first, second = sink.mails
        assert first["Subject"] == second["Subject"]
        assert plain(first) == plain(second)
        decline_request(step=test_requests.step(asked), reason="Full.")
        deliver(now=SOON)
        with pytest.raises(NothingToRepeat):
            send_again(0)
        send_again(2)
        deliver(now=SOON)
        assert sink.mails[2]["Subject"] == sink.mails[3]["Subject"]

    def test_the_time_that_is_offered_is_told_while_it_is_held(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        load(SHORT)
        entry = offered()
        deliver(now=SOON)
        number = [row.kind for row in rows()].index("waitlist-offer")
        send_again(number)
        deliver(now=SOON)
        assert (rows()[-1].kind, rows()[-1].state) == ("waitlist-offer", "sent")
        withdraw_entry(public_id=entry.public_id, actor=PUBLIC, now=SOON)
        with pytest.raises(NothingToRepeat):
            send_again(number)

    def test_a_reminder_is_told_by_the_same_way_if_that_is_wanted(
        self, visit: Visit, sink: Sink, texts: TextDouble
    ) -> None:
        write_down("pat1@example.com")
        texting(visit, is_wanted=True)
        plan_reminders(now=NOW, has_texts=True)
        before = local("2026-03-03 08:30")
        deliver_texts(now=before)
        number = [row.channel for row in rows()].index("sms")
        assert rows()[number].state == "sent"
        send_again(number, now=before)
        deliver_texts(now=before)
        assert texts.texts[0]["Body"] == texts.texts[1]["Body"]
        texting(visit, is_wanted=False)
        with pytest.raises(Unwanted, match="text messages"):
            send_again(number, now=before)
