"""Visit requests, from the patient's words to a visit."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from clinic.core.audit import AuditEntry
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound
from clinic.core.values import PUBLIC, Actor, Interval, Role
from clinic.messaging.models import Message
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment, VisitRequest
from clinic.scheduling.operations.refusals import (
    NotOffered,
    RequestChanged,
    SlotTaken,
    WrongRequestState,
)
from clinic.scheduling.operations.requests import (
    Step,
    answer_request,
    decline_request,
    reopen_request,
    request_visit,
    schedule_request,
    withdraw_request,
)
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.links import get_request_by_token, request_token
from clinic.scheduling.queries.requests import (
    RequestedVisit,
    get_request,
    list_request_steps,
    list_requests,
)
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.requests import BodyArea, Modality, RequestStatus
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.week_view import Part
from tests.integration.scheduling.a_clinic import FRONT_DESK, NOW, book, load, local, person

SAM = Actor(kind="staff", name="Sam Ito", id="sam", role=Role.CLINICIAN)
MORNING = Interval(local("2026-03-03 09:00"), local("2026-03-03 12:00"))
TEN = Wish(service="eval", starts_at=local("2026-03-03 10:00"), practitioner="p")


@pytest.fixture
def clinic(in_app: Flask) -> Flask:
    load()
    return in_app


def wish(**changes: Any) -> RequestWish:
    asked = RequestWish(modality=Modality.IN_PERSON, reason="My hip hurts when I run.\nSince May.")
    return replace(asked, **changes)


def ask(
    who: int = 1, *, form_key: str | None = None, now: datetime = NOW, **changes: Any
) -> RequestedVisit:
    return request_visit(
        wish=wish(**changes), patient=person(who), actor=PUBLIC, now=now, form_key=form_key
    )


def step(request: RequestedVisit, *, actor: Actor = FRONT_DESK, version: int | None = None) -> Step:
    return Step(public_id=request.public_id, actor=actor, now=NOW, version=version)


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def mails() -> list[str]:
    return list(db.session.scalars(select(Message.kind).order_by(Message.id)))


class TestRequestVisit:
    def test_keeps_what_was_asked_for(self, clinic: Flask) -> None:
        asked = ask(
            times=(MORNING,),
            part=Part.EVENING,
            area=BodyArea.HIP,
            practitioner="q",
            is_returning=True,
        )
        found = get_request(asked.public_id)
        assert found == asked
        assert (found.status, found.version) == (RequestStatus.REQUESTED, 1)
        assert found.reason == "My hip hurts when I run.\nSince May."
        assert (found.times, found.part, found.area) == ((MORNING,), Part.EVENING, BodyArea.HIP)
        assert (found.practitioner, found.practitioner_name) == ("q", "Q Example")
        assert (found.zone, found.email) == ("America/New_York", "pat1@example.com")
        assert found.due_at == local("2026-03-02 17:00")

    def test_seals_the_words(self, clinic: Flask) -> None:
        asked = ask(area=BodyArea.HIP)
        answer_request(step=step(asked), message="Bring your running shoes")
        row = db.session.execute(text("SELECT * FROM visit_requests")).one()
        story = db.session.execute(text("SELECT * FROM visit_request_changes")).all()
        assert re.search(r"\bhip\b", str(row).lower()) is None
        assert "shoes" not in f"{row}{story}"

    def test_tells_the_patient_by_mail(self, clinic: Flask) -> None:
        ask()
        request_visit(
            wish=wish(),
            patient=replace(person(2), email=None, phone="+12125550142"),
            actor=PUBLIC,
            now=NOW,
        )
        assert mails() == ["request-received"]

    def test_finds_the_patient_as_booking_does(self, clinic: Flask) -> None:
        visit = book("2026-03-04 10:00")
        assert ask().patient == visit.patient
        assert ask(2).patient != visit.patient

    def test_makes_one_of_a_form_that_is_sent_twice(self, clinic: Flask) -> None:
        first, second = (ask(form_key="k") for _ in range(2))
        assert first == second
        assert (count(VisitRequest), len(mails())) == (1, 1)

    def test_makes_another_of_other_words_or_another_form(self, clinic: Flask) -> None:
        ask(form_key="k")
        ask(form_key="k", reason="Now it is my knee.")
        ask(form_key="l")
        ask()
        assert (count(VisitRequest), count(Patient)) == (4, 1)

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"reason": ""}, "reason"),
            ({"reason": "x" * 2001}, "reason"),
            ({"practitioner": "nobody"}, "practitioner"),
            ({"modality": Modality.TELEHEALTH}, "state"),
            ({"modality": Modality.TELEHEALTH, "state": "ZZ"}, "state"),
            ({"zone": "America/Denver"}, "time_zone"),
            (
                {"modality": Modality.TELEHEALTH, "state": "NY", "zone": "Mars/Olympus"},
                "time_zone",
            ),
            ({"times": (MORNING, MORNING)}, "preferred.1"),
            ({"times": (Interval(NOW - timedelta(hours=2), NOW),)}, "preferred.0"),
            ({"times": (Interval(NOW, NOW + timedelta(days=500)),)}, "preferred.0"),
        ],
    )
    def test_refuses_what_cannot_be_asked_for(
        self, clinic: Flask, changes: dict[str, Any], path: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            ask(**changes)
        assert list(refused.value.errors) == [path]
        assert count(Patient) == 0

    def test_takes_video_visits_with_the_patients_own_zone(self, clinic: Flask) -> None:
        asked = ask(modality=Modality.TELEHEALTH, state="NY", zone="America/Denver")
        assert (asked.modality, asked.state, asked.zone) == ("telehealth", "NY", "America/Denver")

    def test_leaves_a_trail_without_words(self, clinic: Flask) -> None:
        asked = ask()
        entry = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "visit-request.requested")
        ).one()
        assert entry.subject == f"visit-request:{asked.public_id}"
        assert "hip" not in str(entry.details)


class TestAnswer:
    def test_is_read_by_the_patient_and_told_by_mail(self, clinic: Flask) -> None:
        asked = ask()
        found = answer_request(step=step(asked), message="Can you come on Friday?")
        assert (found.status, found.answer) == (RequestStatus.ANSWERED, "Can you come on Friday?")
        assert (found.version, mails()[1:]) == (2, ["request-answered"])

    def test_waits_as_long_as_the_desk_may_take_it_back(self, clinic: Flask) -> None:
        answer_request(step=step(ask()), message="Hello")
        due = db.session.scalar(select(Message.due_at).order_by(Message.id.desc()).limit(1))
        assert due == NOW + timedelta(seconds=20)

    def test_twice_is_once_and_other_words_are_another(self, clinic: Flask) -> None:
        asked = ask()
        for _ in range(2):
            answer_request(step=step(asked, version=1), message="Hello")
        found = answer_request(step=step(asked, version=2), message="Hello again")
        assert (found.answer, found.version) == ("Hello again", 3)
        assert [one.words for one in list_request_steps(found.request_id)] == [
            None,
            "Hello",
            "Hello again",
        ]

    def test_of_what_somebody_changed_meanwhile_is_refused(self, clinic: Flask) -> None:
        asked = ask()
        answer_request(step=step(asked, version=1), message="Hello")
        with pytest.raises(RequestChanged):
            answer_request(step=step(asked, actor=SAM, version=1), message="Good morning")

    def test_of_nothing_is_not_found(self, clinic: Flask) -> None:
        with pytest.raises(NotFound):
            answer_request(step=Step(public_id="x" * 22, actor=SAM, now=NOW), message="Hello")


class TestDecline:
    def test_tells_why_and_closes_the_request(self, clinic: Flask) -> None:
        asked = ask()
        found = decline_request(step=step(asked), reason="We do not treat jaws.")
        assert (found.status, found.decline_reason) == ("declined", "We do not treat jaws.")
        with pytest.raises(WrongRequestState):
            answer_request(step=step(asked), message="Hello")
        with pytest.raises(WrongRequestState):
            schedule_request(step=step(asked), wish=TEN)

    def test_by_two_with_different_words_is_told_to_the_second(self, clinic: Flask) -> None:
        asked = ask()
        decline_request(step=step(asked, version=1), reason="We do not treat jaws.")
        again = decline_request(step=step(asked, version=1), reason="We do not treat jaws.")
        assert again.version == 2
        with pytest.raises(RequestChanged):
            decline_request(step=step(asked, actor=SAM, version=1), reason="Full.")

    def test_can_be_taken_back(self, clinic: Flask) -> None:
        asked = ask()
        decline_request(step=step(asked), reason="Full.")
        found = reopen_request(step=step(asked))
        assert (found.status, found.decline_reason) == (RequestStatus.REQUESTED, None)
        assert reopen_request(step=step(asked)).version == found.version

    def test_taken_back_leads_to_where_it_was(self, clinic: Flask) -> None:
        asked = ask()
        answer_request(step=step(asked), message="Hello")
        decline_request(step=step(asked), reason="Full.")
        assert reopen_request(step=step(asked)).status is RequestStatus.ANSWERED


class TestWithdraw:
    def test_closes_the_request_once(self, clinic: Flask) -> None:
        asked = ask()
        for _ in range(2):
            found = withdraw_request(step=step(asked, actor=PUBLIC))
            assert (found.status, found.version) == (RequestStatus.WITHDRAWN, 2)
        with pytest.raises(WrongRequestState):
            schedule_request(step=step(asked), wish=TEN)
        assert count(Appointment) == 0


class TestSchedule:
    def test_books_for_the_one_who_asked(self, clinic: Flask) -> None:
        asked = ask()
        found = schedule_request(step=step(asked), wish=TEN)
        visit = get_visit(found.visit or "")
        assert (found.status, found.version) == (RequestStatus.SCHEDULED, 2)
        assert (visit.patient, visit.starts_at) == (asked.patient, TEN.starts_at)
        assert (visit.practitioner, visit.status) == ("p", "booked")
        assert mails()[1:] == ["request-scheduled"]

    def test_twice_at_the_same_time_is_one_visit(self, clinic: Flask) -> None:
        asked = ask()
        found = schedule_request(step=step(asked, version=1), wish=TEN)
        assert schedule_request(step=step(asked, version=1), wish=TEN) == found
        other = replace(TEN, starts_at=local("2026-03-03 14:00"))
        with pytest.raises(WrongRequestState):
            schedule_request(step=step(asked), wish=other)
        assert count(Appointment) == 1

    def test_whose_visit_is_cancelled_says_so_and_can_be_taken_up_again(
        self, clinic: Flask
    ) -> None:
        asked = ask()
        with pytest.raises(WrongRequestState):
            reopen_request(step=step(schedule_request(step=step(asked), wish=TEN)))
        visit = get_request(asked.public_id).visit or ""
        take_step(public_id=visit, action=Action.CANCEL, actor=SAM, now=NOW, reason="Ill")
        found = get_request(asked.public_id)
        assert (found.status, found.stands) == (RequestStatus.SCHEDULED, "visit-cancelled")
        with pytest.raises(WrongRequestState):
            schedule_request(step=step(asked), wish=TEN)
        again = reopen_request(step=step(asked))
        assert (again.status, again.visit) == (RequestStatus.REQUESTED, None)
        assert schedule_request(step=step(asked), wish=TEN).visit not in {None, visit}

    def test_at_a_taken_time_changes_nothing_and_offers_others(self, clinic: Flask) -> None:
        asked = ask()
        book("2026-03-03 10:00", who=7)
        with pytest.raises(SlotTaken) as refused:
            schedule_request(step=step(asked), wish=TEN)
        eleven = refused.value.alternatives[0]
        assert datetime.fromtimestamp(eleven.start, UTC) == local("2026-03-03 11:00")
        assert get_request(asked.public_id) == asked
        assert count(Appointment) == 1

    def test_outside_hours_changes_nothing(self, clinic: Flask) -> None:
        asked = ask()
        early = replace(TEN, starts_at=local("2026-03-03 06:00"))
        with pytest.raises(NotOffered):
            schedule_request(step=step(asked), wish=early)
        assert get_request(asked.public_id) == asked

    def test_by_video_is_for_the_state_that_was_named(self, clinic: Flask) -> None:
        asked = ask(modality=Modality.TELEHEALTH, state="NY")
        found = schedule_request(step=step(asked), wish=replace(TEN, service="video"))
        assert get_visit(found.visit or "").patient_state == "NY"


class TestList:
    def test_is_by_age_and_paged(self, clinic: Flask) -> None:
        asked = [ask(n, now=NOW + timedelta(minutes=n)) for n in range(5)]
        withdraw_request(step=step(asked[0]))
        first = list_requests(statuses=[RequestStatus.REQUESTED], limit=3)
        rest = list_requests(statuses=[RequestStatus.REQUESTED], limit=3, after=first.next_cursor)
        found = [one.public_id for one in (*first.requests, *rest.requests)]
        assert found == [one.public_id for one in asked[1:]]
        assert rest.next_cursor is None
        newest = list_requests(statuses=[RequestStatus.REQUESTED], limit=2, is_newest_first=True)
        older = list_requests(
            statuses=[RequestStatus.REQUESTED],
            limit=2,
            is_newest_first=True,
            after=newest.next_cursor,
        )
        found = [one.public_id for one in (*newest.requests, *older.requests)]
        assert found == [one.public_id for one in reversed(asked[1:])]


class TestLink:
    def test_opens_the_request_and_nothing_else(self, clinic: Flask) -> None:
        asked, other = ask(), ask(2)
        token = request_token(asked)
        assert get_request_by_token(token) == asked
        for forged in (
            token[:-1],
            other.public_id + token[22:],
            request_token(replace(asked, link_version=2)),
            "\x00" * 54,
            "é" * 54,
        ):
            with pytest.raises(NotFound):
                get_request_by_token(forged)


class TestStory:
    def test_cannot_be_changed(self, clinic: Flask) -> None:
        ask()

        @transaction
        def forge() -> None:
            db.session.execute(text("UPDATE visit_request_changes SET step = 'x'"))

        with pytest.raises(DBAPIError, match="append-only"):
            forge()


class TestRow:
    @pytest.mark.parametrize(
        "change",
        [
            "status = 'lost'",
            "status = 'answered'",
            "status = 'scheduled'",
            "status = 'declined'",
            "modality = 'telehealth'",
            "modality = 'phone'",
            "part = 'night'",
            "guardian_name = 'Rosa'",
            "version = 0",
        ],
    )
    def test_refuses_what_is_no_request(self, clinic: Flask, change: str) -> None:
        ask()

        @transaction
        def spoil() -> None:
            db.session.execute(text(f"UPDATE visit_requests SET {change}"))  # noqa: S608

        with pytest.raises(DBAPIError):
            spoil()
