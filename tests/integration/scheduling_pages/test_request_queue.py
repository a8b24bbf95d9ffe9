"""The desk's queue of visit requests, worked by hand."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry, AuditSight
from clinic.core.db import db
from clinic.core.values import PUBLIC, Interval, Role
from clinic.scheduling.operations.requests import (
    Step,
    answer_request,
    request_visit,
    withdraw_request,
)
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.requests import Modality, RequestStatus, Urgency
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.week_view import Part
from tests.support.page_client import PageClient
from tests.support.page_clinic import (
    KIM,
    NOW,
    PASSWORD,
    book,
    counted_queries,
    hire,
    local,
    person,
    slot_value,
)
from tests.support.pages import Page

TUESDAY_MORNING = Interval(local("2026-03-03 09:00"), local("2026-03-03 12:00"))
HOUR = 3600
TEN = slot_value("2026-03-03 10:00", "okafor", "main")


@pytest.fixture
def desk(clinic: Flask, pages: PageClient) -> PageClient:
    """The front desk, signed in."""
    return signed_in(clinic, pages, Role.FRONT_DESK)


def signed_in(app: Flask, pages: PageClient, role: Role) -> PageClient:
    with app.app_context():
        email = hire(role)
    pages.get("/sign-in")
    pages.submit({"email": email, "password": PASSWORD}, follow=False, status=303)
    return pages


def ask(app: Flask, who: int = 1, *, now: datetime = NOW, **changes: Any) -> RequestedVisit:
    values: dict[str, Any] = {
        "modality": Modality.IN_PERSON,
        "reason": "My hip hurts when I run.\nSince May.",
        "times": (TUESDAY_MORNING,),
        **changes,
    }
    with app.app_context():
        return request_visit(wish=RequestWish(**values), patient=person(who), actor=PUBLIC, now=now)


def path_of(asked: RequestedVisit) -> str:
    return f"/desk/requests/{asked.public_id}"


def state_of(app: Flask, asked: RequestedVisit) -> RequestedVisit:
    with app.app_context():
        return get_request(asked.public_id)


def times_on(page: Page) -> list[str]:
    return [value for form in page.forms for name, value in form.buttons if name == "slot"]


class TestQueue:
    def test_says_why_it_is_empty(self, desk: PageClient) -> None:
        page = desk.get("/desk/requests")
        assert "Nobody waits for an answer" in page.text
        assert "/request/visit" in page.text

    def test_lists_the_longest_waiting_first_with_what_is_due(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        ask(clinic, 2, now=NOW - timedelta(minutes=5))
        ask(clinic, 1, now=NOW - timedelta(days=3))
        page = desk.get("/desk/requests")
        assert "To answer, 2, 1 overdue" in page.text
        assert page.text.index("Pat1 Example") < page.text.index("Pat2 Example")
        assert "overdue by" in page.text
        assert "by Mon, Mar 2, 6:00 PM" in page.text

    def test_keeps_apart_who_waits_for_whom(self, clinic: Flask, desk: PageClient) -> None:
        asked = ask(clinic)
        with clinic.app_context():
            answer_request(
                step=Step(public_id=asked.public_id, actor=KIM, now=NOW), message="Hello"
            )
        assert "Pat1" not in desk.get("/desk/requests").text
        assert "Pat1" in desk.get("/desk/requests?show=answered").text
        assert "Pat1" not in desk.get("/desk/requests?show=closed").text

    def test_counts_what_waits_beside_its_link(self, clinic: Flask, desk: PageClient) -> None:
        ask(clinic)
        assert "Requests 1 waiting" in desk.get("/desk").text

    def test_asks_the_database_as_often_for_many_as_for_few(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        ask(clinic, 1)
        desk.get("/desk/requests")
        with counted_queries(clinic) as few:
            desk.get("/desk/requests")
        for number in range(2, 12):
            ask(clinic, number)
        with counted_queries(clinic) as many:
            desk.get("/desk/requests")
        assert len(many) == len(few)

    def test_shows_the_rest_on_demand(self, clinic: Flask, desk: PageClient) -> None:
        for number in range(21):
            ask(clinic, number, now=NOW + timedelta(seconds=number))
        urgent = {"modality": Modality.TELEHEALTH, "state": "NY", "urgency": Urgency.URGENT}
        ask(clinic, 40, now=NOW + timedelta(minutes=1), **urgent)
        page = desk.get("/desk/requests")
        more = next(link for link in page.links() if "after=" in link)
        assert page.text.index("Pat40 Example") < page.text.index("Pat0 Example")
        rest = desk.get(more).text
        for name in ("Pat19 Example", "Pat20 Example"):
            assert (name in page.text, name in rest) == (False, True)
        assert "Pat18" not in rest

    @pytest.mark.parametrize(
        "query", ["show=x", "after=x", "after=1-9" + "9" * 17 + "-1", "done=x", f"done={'A' * 22}"]
    )
    def test_takes_an_odd_address_as_the_queue(self, desk: PageClient, query: str) -> None:
        assert desk.get(f"/desk/requests?{query}").h1 == "Requests"

    def test_leaves_a_trail_of_each_look(self, clinic: Flask, desk: PageClient) -> None:
        asked = ask(clinic)
        desk.get("/desk/requests")
        desk.get(path_of(asked))
        with clinic.app_context():
            looks = db.session.scalars(
                select(AuditEntry)
                .where(AuditEntry.actor_kind == "staff", AuditEntry.action.like("visit-req%"))
                .order_by(AuditEntry.id)
            ).all()
            sights = set(db.session.scalars(select(AuditSight.subject)))
        assert [one.action for one in looks] == ["visit-requests.listed", "visit-request.seen"]
        assert looks[1].subject == f"visit-request:{asked.public_id}"
        assert sights == {f"patient:{asked.patient}"}
        assert "hip" not in str([one.details for one in looks])

    def test_puts_on_record_whose_name_stands_in_what_was_just_done(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        asked = ask(clinic)
        with clinic.app_context():
            withdraw_request(step=Step(public_id=asked.public_id, actor=KIM, now=NOW))
        assert "Pat1 Example" in desk.get(f"/desk/requests?done={asked.public_id}").text
        with clinic.app_context():
            sights = set(db.session.scalars(select(AuditSight.subject)))
        assert sights == {f"patient:{asked.patient}"}

    @pytest.mark.parametrize(
        ("role", "status"),
        [(Role.ADMIN, 200), (Role.CLINICIAN, 200), (Role.GAIT_LAB, 403), (Role.AUDITOR, 403)],
    )
    def test_is_open_to_those_who_answer(
        self, clinic: Flask, pages: PageClient, role: Role, status: int
    ) -> None:
        signed_in(clinic, pages, role).get("/desk/requests", status=status)


class TestRequest:
    def test_shows_the_words_and_the_times_that_fit_first(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        page = desk.get(path_of(ask(clinic)))
        for words in ("My hip hurts when I run.", "Since May.", "Tue, Mar 3, 9:00 AM to 12:00 PM"):
            assert words in page.text
        fitting = page.text.split("Fits what they asked for")[1].split("Other free times")[0]
        assert "Tue, Mar 3, 9:00 AM" in fitting
        assert "Wed" not in fitting
        assert TEN in times_on(page)
        starts = sorted(int(value.split("|")[0]) for value in times_on(page))
        assert all(later - earlier >= HOUR for earlier, later in pairwise(starts)), starts

    def test_offers_times_of_the_part_of_the_day_that_suits(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        page = desk.get(path_of(ask(clinic, times=(), part=Part.AFTERNOON)))
        others = page.text.split("Free times that suit")[1]
        assert "PM" in others
        assert "AM" not in others.split("Answer")[0]

    def test_shows_times_of_another_service_and_practitioner(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        asked = ask(clinic)
        page = desk.get(f"{path_of(asked)}?service=eval&practitioner=santos&since=2026-03-05")
        shown = [value.split("|") for value in times_on(page)]
        assert {"santos"} == {who for _, who, *_ in shown}
        assert all(int(start) > 1772600000 for start, *_ in shown)

    @pytest.mark.parametrize(
        "query", ["service=x", "practitioner=x", "since=2026-02-30", "since=9999-12-31"]
    )
    def test_takes_an_odd_address_as_not_said(
        self, clinic: Flask, desk: PageClient, query: str
    ) -> None:
        asked = ask(clinic)
        assert desk.get(f"{path_of(asked)}?{query}").h1 == "Pat1 Example"

    def test_asks_who_acts_for_a_child_of_whom_nobody_said_it(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        question = "no parent or guardian is named"
        assert question not in desk.get(path_of(ask(clinic))).text
        born = replace(person(3), birth_date=date(2015, 6, 1))
        with clinic.app_context():
            asked = request_visit(
                wish=RequestWish(modality=Modality.IN_PERSON, reason="Knee"),
                patient=born,
                actor=PUBLIC,
                now=NOW,
            )
        assert question in desk.get(path_of(asked)).text

    def test_is_not_found_under_another_id(self, clinic: Flask, desk: PageClient) -> None:
        for other in ("A" * 22, "x", "%00"):
            desk.get(f"/desk/requests/{other}", status=404)


class TestSchedule:
    def test_books_the_pressed_time_and_goes_back_to_the_queue(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        asked = ask(clinic)
        desk.get(path_of(asked))
        page = desk.submit({"slot": TEN}, action=f"{path_of(asked)}/schedule")
        assert page.h1 == "Requests"
        assert "Pat1 Example: booked." in page.text
        found = state_of(clinic, asked)
        with clinic.app_context():
            visit = get_visit(found.visit or "")
        assert (visit.starts_at, visit.patient) == (local("2026-03-03 10:00"), asked.patient)
        assert "Tue, Mar 3, 10:00 AM" in desk.get(path_of(asked)).text

    def test_of_a_taken_time_offers_what_is_free(self, clinic: Flask, desk: PageClient) -> None:
        asked = ask(clinic)
        desk.get(path_of(asked))
        with clinic.app_context():
            book("2026-03-03 10:00", who=7)
        page = desk.submit({"slot": TEN}, action=f"{path_of(asked)}/schedule", status=409)
        assert "This time has just been taken." in page.text
        assert TEN not in times_on(page)
        assert times_on(page)
        assert state_of(clinic, asked).status is RequestStatus.REQUESTED

    @pytest.mark.parametrize("slot", ["", "x", "1|okafor|main", TEN.replace("main", "mars")])
    def test_of_no_time_says_so(self, clinic: Flask, desk: PageClient, slot: str) -> None:
        asked = ask(clinic)
        desk.get(path_of(asked))
        page = desk.submit({"slot": slot}, action=f"{path_of(asked)}/schedule", status=422)
        assert page.h1 == "Pat1 Example"
        assert state_of(clinic, asked).status is RequestStatus.REQUESTED

    def test_of_a_visit_cancelled_since_can_be_taken_up_again(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        asked = ask(clinic)
        desk.get(path_of(asked))
        desk.submit({"slot": TEN}, action=f"{path_of(asked)}/schedule")
        with clinic.app_context():
            visit = get_request(asked.public_id).visit or ""
            take_step(public_id=visit, action=Action.CANCEL, actor=PUBLIC, now=NOW)
        assert "Visit cancelled" in desk.get("/desk/requests?show=closed").text
        assert "Its visit was cancelled" in desk.get(path_of(asked)).text
        desk.submit({}, action=f"{path_of(asked)}/reopen")
        assert state_of(clinic, asked).status is RequestStatus.REQUESTED
        assert times_on(desk.get(path_of(asked)))

    def test_after_somebody_else_did_is_told(self, clinic: Flask, desk: PageClient) -> None:
        asked = ask(clinic)
        form = desk.get(path_of(asked)).form(f"{path_of(asked)}/schedule")
        desk.submit({"slot": TEN}, action=f"{path_of(asked)}/schedule")
        eleven = slot_value("2026-03-03 11:00", "okafor", "main")
        page = desk.post(form.action, {**form.values, "slot": eleven}, status=412)
        assert "Somebody changed this request meanwhile." in page.text
        # and the same button pressed twice is no news
        desk.post(form.action, {**form.values, "slot": TEN})


class TestAnswer:
    def test_closes_nothing_and_tells_the_patient(self, clinic: Flask, desk: PageClient) -> None:
        asked = ask(clinic)
        desk.get(path_of(asked))
        page = desk.submit({"message": "Please call us.\r\nThank you!"}, action=answer_of(asked))
        assert "Pat1 Example: answered." in page.text
        found = state_of(clinic, asked)
        assert (found.status, found.answer) == ("answered", "Please call us.\nThank you!")

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("", "Write what the patient is to read."),
            (" \r\n ", "Write what the patient is to read."),
            ("x" * 10_000, "Use at most 2000 characters."),
            ("a\x07b", "Remove the characters"),
        ],
    )
    def test_needs_words(self, clinic: Flask, desk: PageClient, typed: str, sentence: str) -> None:
        asked = ask(clinic)
        desk.get(path_of(asked))
        page = desk.submit({"message": typed}, action=answer_of(asked), status=422)
        assert page.text.count(sentence) == 2
        assert page.title.startswith("Error: Pat1 Example")
        assert state_of(clinic, asked).status is RequestStatus.REQUESTED

    def test_to_what_changed_meanwhile_is_kept_and_can_be_sent_again(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        asked = ask(clinic)
        desk.get(path_of(asked))
        with clinic.app_context():
            step = Step(public_id=asked.public_id, actor=KIM, now=NOW)
            answer_request(step=step, message="Hello")
        page = desk.submit({"message": "Good morning"}, action=answer_of(asked), status=412)
        assert page.form(answer_of(asked)).values["message"] == ["Good morning"]
        desk.submit(action=answer_of(asked))
        assert state_of(clinic, asked).answer == "Good morning"


class TestDecline:
    def test_can_be_taken_back_from_the_queue(self, clinic: Flask, desk: PageClient) -> None:
        asked = ask(clinic)
        desk.get(path_of(asked))
        page = desk.submit({"reason": "We do not treat jaws."}, action=decline_of(asked))
        assert "Pat1 Example: declined." in page.text
        page = desk.submit(action=f"{path_of(asked)}/reopen")
        assert "Pat1 Example: taken up again." in page.text
        assert state_of(clinic, asked).status is RequestStatus.REQUESTED

    def test_needs_a_reason_in_words(self, clinic: Flask, desk: PageClient) -> None:
        asked = ask(clinic)
        desk.get(path_of(asked))
        page = desk.submit({"reason": ""}, action=decline_of(asked), status=422)
        assert page.text.count("Write why; the patient reads it.") == 2

    def test_of_a_withdrawn_request_is_told(
        self,
        clinic: Flask,
        desk: PageClient,
    ) -> None:
        asked = ask(clinic)
        form = desk.get(path_of(asked)).form(decline_of(asked))
        with clinic.app_context():
            withdraw_request(step=Step(public_id=asked.public_id, actor=PUBLIC, now=NOW))
        page = desk.post(form.action, {**form.values, "reason": "Full."}, status=412)
        assert "Withdrawn" in page.text


def answer_of(asked: RequestedVisit) -> str:
    return f"{path_of(asked)}/answer"


def decline_of(asked: RequestedVisit) -> str:
    return f"{path_of(asked)}/decline"
