"""What patients are told of their visits: once, in time, and only what is true."""

from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import update

from clinic.core.db import db, transaction
from clinic.core.values import PUBLIC, Actor
from clinic.messaging.delivery import deliver
from clinic.people.models import Guardian
from clinic.people.operations import find_or_add_patient
from clinic.people.rules.guardians import GuardianDetails
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.holding import book_held_time, hold_time
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.operations.series import Rule, book_series
from clinic.scheduling.operations.series_changes import cancel_series, move_series
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.links import get_visit_by_token
from clinic.scheduling.queries.visits import Visit, list_series_visits
from clinic.scheduling.rules.status import Action
from tests.integration.messaging.outbox import rows, states
from tests.integration.scheduling.a_clinic import FRONT_DESK, NOW, book, load, local, person
from tests.support.mail_sink import Sink

UNDO = timedelta(seconds=20)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def a_clinic(mailing_app: Flask) -> None:
    load()


def move(
    visit: Visit, start: str, *, actor: Actor = FRONT_DESK, after: timedelta = UNDO * 0
) -> Visit:
    change = Change(version=None, starts_at=local(start))
    return move_appointment(public_id=visit.public_id, change=change, actor=actor, now=NOW + after)


def step(visit: Visit, action: Action, *, after: timedelta = UNDO * 0) -> Visit:
    return take_step(public_id=visit.public_id, action=action, actor=FRONT_DESK, now=NOW + after)


def subjects(sink: Sink) -> list[str]:
    return [str(mail["Subject"]) for mail in sink.mails]


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def calendars(mail: EmailMessage) -> list[Calendar]:
    return [Calendar.from_ical(part.get_content()) for part in mail.iter_attachments()]


class TestBooking:
    def test_tells_a_patient_at_once_what_where_and_how_to_change_it(self, sink: Sink) -> None:
        visit = book("2026-03-03 10:00", actor=PUBLIC)
        deliver(now=NOW)
        mail = sink.mails[0]
        assert mail["To"] == "Pat1 Example <pat1@example.com>"
        assert mail["Subject"] == "Your visit at Test Rehab on Tue, Mar 3"
        text = plain(mail)
        assert "Tuesday, March 3, 10:00 AM\nClinic time: New York (Eastern Time)" in text
        assert "Evaluation with P Example\nMain office\n1 Example Street" in text
        token = text.partition("https://riverside.example/visits/")[2].split()[0]
        assert get_visit_by_token(token).public_id == visit.public_id

    def test_puts_it_into_the_patients_calendar(self, sink: Sink) -> None:
        visit = book("2026-03-03 10:00", actor=PUBLIC)
        deliver(now=NOW)
        (calendar,) = calendars(sink.mails[0])
        event: Any = next(iter(calendar.walk("VEVENT")))
        assert event.start == visit.starts_at
        assert "Evaluation" not in calendar.to_ical().decode()

    def test_waits_with_what_staff_may_take_back(self, sink: Sink) -> None:
        book("2026-03-03 10:00")
        deliver(now=NOW + UNDO / 2)
        assert states() == ["due"]
        deliver(now=NOW + UNDO)
        assert states() == ["sent"]

    def test_tells_of_a_held_time_when_it_is_booked(self, sink: Sink) -> None:
        wish = Wish(service="eval", starts_at=local("2026-03-03 10:00"), practitioner="p")
        held = hold_time(wish=wish, visitor="me", now=NOW)
        assert rows() == []
        for _ in range(2):
            book_held_time(
                public_id=held.public_id, visitor="me", patient=person(), actor=PUBLIC, now=NOW
            )
        assert len(rows()) == 1

    def test_tells_of_nothing_that_was_refused(self) -> None:
        book("2026-03-03 10:00", actor=PUBLIC)
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", actor=PUBLIC, who=2)
        assert len(rows()) == 1

    def test_says_nothing_of_a_visit_that_has_begun(self, sink: Sink) -> None:
        book("2026-03-02 09:00")
        deliver(now=LATER)
        assert (states(), sink.mails) == (["dropped"], [])

    def test_tells_no_more_of_a_video_visit_than_when(self, sink: Sink) -> None:
        book("2026-03-03 10:00", service="video", state="NY", actor=PUBLIC)
        deliver(now=NOW)
        assert "Video visit with P Example\nBy video\n" in plain(sink.mails[0])


class TestChanges:
    def test_tell_the_new_time(self, sink: Sink) -> None:
        visit = book("2026-03-03 10:00", actor=PUBLIC)
        deliver(now=NOW)
        move(visit, "2026-03-04 11:00", actor=PUBLIC, after=UNDO)
        deliver(now=LATER)
        assert subjects(sink)[1] == "Your visit at Test Rehab is now on Wed, Mar 4"
        old, new = (next(iter(calendars(mail)[0].walk("VEVENT"))) for mail in sink.mails)
        assert (new["UID"], new["SEQUENCE"]) == (old["UID"], 2)

    def test_say_nothing_of_other_rooms(self) -> None:
        visit = book("2026-03-03 10:00", service="run")
        change = Change(version=None, rooms=("treadmill-2",))
        move_appointment(public_id=visit.public_id, change=change, actor=FRONT_DESK, now=NOW)
        assert [row.kind for row in rows()] == ["visit-booked"]

    def test_become_one_message_while_none_was_sent(self, sink: Sink) -> None:
        visit = book("2026-03-03 10:00")
        move(visit, "2026-03-04 11:00", after=UNDO / 2)
        deliver(now=LATER)
        assert subjects(sink) == ["Your visit at Test Rehab on Wed, Mar 4"]
        assert states() == ["sent", "dropped"]

    def test_tell_of_a_cancelled_visit_and_strike_it_out(self, sink: Sink) -> None:
        visit = book("2026-03-03 10:00", actor=PUBLIC)
        deliver(now=NOW)
        step(visit, Action.CANCEL)
        deliver(now=LATER)
        assert subjects(sink)[1] == "Your visit at Test Rehab on Tue, Mar 3 is cancelled"
        assert calendars(sink.mails[1])[0]["METHOD"] == "CANCEL"
        assert "/visits/" not in plain(sink.mails[1])

    def test_say_nothing_of_what_staff_took_back_in_time(self, sink: Sink) -> None:
        visit = book("2026-03-03 10:00", actor=PUBLIC)
        deliver(now=NOW)
        step(visit, Action.CANCEL, after=UNDO)
        step(visit, Action.UNDO, after=UNDO)
        deliver(now=LATER)
        assert len(sink.mails) == 1
        assert states() == ["sent", "dropped", "dropped"]

    def test_say_nothing_of_a_visit_that_was_never_told(self, sink: Sink) -> None:
        visit = book("2026-03-03 10:00")
        step(visit, Action.CANCEL)
        deliver(now=LATER)
        assert (sink.mails, states()) == ([], ["dropped", "dropped"])

    def test_tell_of_a_visit_that_came_back(self, sink: Sink) -> None:
        visit = book("2026-03-03 10:00", actor=PUBLIC)
        step(visit, Action.CANCEL)
        deliver(now=LATER)
        step(visit, Action.UNDO, after=timedelta(minutes=2))
        deliver(now=LATER + timedelta(minutes=2))
        assert subjects(sink)[-1] == "Your visit at Test Rehab on Tue, Mar 3"

    @pytest.mark.parametrize("action", [Action.CONFIRM, Action.ARRIVE, Action.CHECK_IN])
    def test_leave_the_other_steps_untold(self, action: Action) -> None:
        visit = book("2026-03-03 10:00")
        step(visit, action)
        assert len(rows()) == 1


class TestGrownChildren:
    """Mia's mother gave her own address; Mia comes of age on March 3."""

    @pytest.mark.parametrize(
        ("at", "expected"),
        [("2026-03-02 23:59", ["sent"]), ("2026-03-03 00:00", ["dropped"])],
    )
    def test_are_written_to_at_no_guardians_address(
        self, sink: Sink, at: str, expected: list[str]
    ) -> None:
        mother = GuardianDetails(
            name="Ana Example",
            birth_date=date(1980, 5, 1),
            relation="parent",
            email="ana@example.com",
        )
        mia = replace(person(), birth_date=date(2008, 3, 3), email="Ana@example.com")
        wish = Wish(service="eval", starts_at=local("2026-03-05 10:00"), practitioner="p")
        book_appointment(wish=wish, patient=replace(mia, guardian=mother), actor=PUBLIC, now=NOW)
        deliver(now=local(at))
        assert states() == expected


class TestChild:
    """Leo, nine years old, whom the desk knows by a phone number."""

    def book(self, *guardians: GuardianDetails, born: date = date(2017, 1, 7)) -> Visit:
        for guardian in (None, *guardians):
            leo = PatientDetails(
                given_name="Leo",
                family_name="Example",
                birth_date=born,
                phone="+12125550142",
                guardian=guardian,
            )
            self.add(leo)
        wish = Wish(service="eval", starts_at=local("2026-03-03 10:00"), practitioner="p")
        return book_appointment(wish=wish, patient=leo, actor=FRONT_DESK, now=NOW)

    @transaction
    def add(self, details: PatientDetails) -> None:
        find_or_add_patient(details=details, actor=FRONT_DESK, now=NOW)

    @transaction
    def settle(self, column: str, *names: str) -> None:
        chosen = Guardian.name.in_(names)
        db.session.execute(update(Guardian).where(chosen).values({column: NOW}))

    def guardian(self, name: str, email: str | None = None) -> GuardianDetails:
        phone = None if email else "+12125550199"
        return GuardianDetails(
            name=name, birth_date=date(1984, 7, 2), relation="parent", email=email, phone=phone
        )

    def test_is_told_through_each_confirmed_guardian_with_an_address(self, sink: Sink) -> None:
        rosa, ben, amy, eve, max_ = (
            self.guardian("Rosa", "rosa@example.com"),
            self.guardian("Ben", "ben@example.com"),
            self.guardian("Amy"),
            self.guardian("Eve", "eve@example.com"),
            self.guardian("Max", "max@example.com"),
        )
        again = replace(rosa, name="Rosa Example", email="ROSA@example.com")
        visit = self.book(rosa, ben, amy, eve, max_, again)
        self.settle("confirmed_at", "Rosa", "Ben", "Amy", "Max", "Rosa Example")
        self.settle("ended_at", "Max")
        move(visit, "2026-03-04 11:00")
        deliver(now=LATER)
        move(visit, "2026-03-04 13:00", after=UNDO * 4)
        deliver(now=LATER + UNDO * 4)
        assert [str(mail["To"]).lower() for mail in sink.mails] == [
            "leo example <rosa@example.com>",
            "leo example <ben@example.com>",
        ] * 2

    def test_is_told_to_nobody_who_only_said_so(self, sink: Sink) -> None:
        self.book(self.guardian("Eve", "eve@example.com"))
        assert rows() == []

    def test_is_not_told_to_guardians_once_of_age(self, sink: Sink) -> None:
        visit = self.book(self.guardian("Rosa", "rosa@example.com"), born=date(2008, 3, 2))
        self.settle("confirmed_at", "Rosa")
        move(visit, "2026-03-04 11:00")
        assert rows() == []


class TestSeries:
    def make(self) -> str:
        wish = Wish(service="fu", starts_at=local("2026-03-03 10:00"), practitioner="p")
        plan = book_series(
            wish=wish,
            rule=Rule(weekly=(1,), count=4),
            patient=person(),
            on_conflict="none",
            actor=FRONT_DESK,
            now=NOW,
        )
        assert plan.public_id is not None
        return plan.public_id

    def test_is_told_in_one_message(self, sink: Sink) -> None:
        self.make()
        deliver(now=LATER)
        assert subjects(sink) == ["Your visits at Test Rehab"]
        text = plain(sink.mails[0])
        assert text.count("Follow-up with P Example") == 4
        assert "Tuesday, March 24, 10:00 AM" in text
        assert len(calendars(sink.mails[0])) == 4

    def test_is_told_as_it_stands_when_it_is_sent(self, sink: Sink) -> None:
        series = self.make()
        cancel_series(public_id=series, from_visit=3, reason=None, actor=FRONT_DESK, now=NOW)
        deliver(now=LATER)
        assert [plain(mail).count("Follow-up with") for mail in sink.mails] == [2, 2]
        assert subjects(sink)[1] == "Your visits at Test Rehab are cancelled"

    def test_is_not_told_again_when_staff_take_back_a_cancelled_visit_of_it(
        self, sink: Sink
    ) -> None:
        visit = list_series_visits(self.make())[1]
        deliver(now=NOW + UNDO)
        step(visit, Action.CANCEL, after=UNDO)
        step(visit, Action.UNDO, after=UNDO)
        deliver(now=LATER)
        assert states() == ["sent", "dropped", "dropped"]
        step(visit, Action.CANCEL, after=2 * UNDO)
        deliver(now=LATER + UNDO)
        assert len(sink.mails) == 2

    def test_is_told_once_when_it_moves(self, sink: Sink) -> None:
        series = self.make()
        move_series(
            public_id=series,
            from_visit=2,
            practitioner=None,
            local_minute=11 * 60,
            actor=FRONT_DESK,
            now=NOW,
        )
        assert [row.kind for row in rows()] == ["visit-booked", "visit-moved"]
        deliver(now=LATER)
        assert plain(sink.mails[1]).count("11:00 AM") == 3
