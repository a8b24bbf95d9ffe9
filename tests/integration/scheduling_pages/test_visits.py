"""A visit's own page: looking changes nothing, a button acts, a wrong link opens nothing."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from clinic.core.db import db
from clinic.core.values import PUBLIC
from clinic.scheduling.models import Appointment, AppointmentChange
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.status import Action
from tests.support.page_client import PageClient
from tests.support.page_clinic import (
    KIM,
    NOW,
    book,
    everything_stored,
    link_of,
    local,
    slot_value,
    slots_on,
)

THURSDAY = slot_value("2026-03-05 11:00", "okafor")


@pytest.fixture
def booked(clinic: Flask) -> tuple[Visit, str]:
    """A visit on Wednesday at ten, and its link."""
    with clinic.app_context():
        visit = book("2026-03-04 10:00")
        return visit, link_of(visit)


def present(app: Flask, visit: Visit) -> Visit:
    with app.app_context():
        return get_visit(visit.public_id)


class TestLooking:
    def test_shows_the_visit_and_what_can_be_done(
        self, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        link = booked[1]
        page = pages.get(link)
        assert "WednesdayMarch 410:00 AM" in page.text
        assert "Please move or cancel until Tue, Mar 3, 10:00 AM, 24 hours before" in page.text
        assert {f"{link}/move", f"{link}/cancel"} <= set(page.links())

    def test_tells_the_way_and_the_reference(
        self, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        page = pages.get(link)
        assert visit.reference in page.text
        (way,) = [e for e in page.tree.iter("a") if "maps" in e.get("href", "")]
        assert "query=1+Example+Street" in way.get("href", "")
        assert "noreferrer" in way.get("rel", "")
        assert "Beside the pharmacy." in page.text

    def test_of_a_video_visit_names_the_state_and_no_map(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        with clinic.app_context():
            link = link_of(book("2026-03-04 10:00", service="video", state="NY"))
        page = pages.get(link)
        assert "Be in New York" in page.text
        assert "your own clock may show another time" in page.text
        assert "maps" not in page.html

    @pytest.mark.parametrize("tail", ["", "/move", "/cancel", f"/move?slot={THURSDAY}"])
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_changes_nothing(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient, method: str, tail: str
    ) -> None:  # C3
        before = everything_stored(clinic)
        answer = pages.client.open(booked[1] + tail, method=method)
        assert answer.status_code == 200
        assert everything_stored(clinic) == before

    def test_lets_no_other_site_learn_the_address(
        self, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        answer = pages.client.get(booked[1])
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("tail", ["", "/move", "/cancel"])
    def test_by_a_wrong_link_finds_nothing(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient, tail: str
    ) -> None:  # X1
        link = booked[1]
        with clinic.app_context():
            other = link_of(book("2026-03-04 11:00", who=2))
        mixed = link[:-32] + other[-32:]
        for wrong in (mixed, link[:-1], link + "0", "/visits/x", "/visits/%00", "/visits/éé"):
            page = pages.get(wrong + tail, status=404)
            assert page.h1 == "This link opens nothing"
            assert "Use the link in our newest message" in page.text
            assert "10:00" not in page.text
        with clinic.app_context(), db.engine.begin() as connection:
            connection.execute(update(Appointment).values(link_version=2))
        assert pages.get(link + tail, status=404).h1 == "This link opens nothing"


class TestConfirming:
    def test_takes_a_button(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        pages.get(link)
        page = pages.submit(action=f"{link}/confirm")
        assert "Thank you. We expect you." in page.text
        assert "I will come" not in page.text
        assert present(clinic, visit).is_confirmed
        page = pages.get(f"{link}/confirm", status=405)
        assert link in page.links(), "a step that is opened by itself leads to its page"


class TestCancelling:
    def test_asks_first_and_is_done_once(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        page = pages.get(f"{link}/cancel")
        assert "This is in time." in page.text
        form = page.form(f"{link}/cancel")
        said = {**form.values, "reason": "x" * 501}
        assert "Use at most 500 characters." in pages.post(form.action, said, status=422).text
        for _ in range(2):
            page = pages.post(form.action, {**form.values, "reason": "a cold"})
            assert "This visit was cancelled." in page.text
        found = present(clinic, visit)
        assert (found.status, found.is_late_cancelled, found.version) == ("cancelled", False, 2)
        with clinic.app_context():
            steps = db.session.scalars(select(AppointmentChange).order_by(AppointmentChange.id))
            assert [one.reason for one in steps][-1] == "a cold"

    def test_says_when_it_is_late(
        self,
        clinic: Flask,
        booked: tuple[Visit, str],
        pages: PageClient,
        set_clock: Callable[[datetime], None],
    ) -> None:
        visit, link = booked
        set_clock(local("2026-03-03 12:00"))
        assert "counts as a late cancellation" in pages.get(f"{link}/cancel").text
        pages.submit(action=f"{link}/cancel")
        assert present(clinic, visit).is_late_cancelled

    def test_is_over_once_the_visit_has_begun(
        self,
        clinic: Flask,
        booked: tuple[Visit, str],
        pages: PageClient,
        set_clock: Callable[[datetime], None],
    ) -> None:
        visit, link = booked
        form = pages.get(f"{link}/cancel").form(f"{link}/cancel")
        set_clock(local("2026-03-04 10:05"))
        page = pages.post(form.action, form.values, status=409)
        assert "can no longer be cancelled here" in page.text
        assert present(clinic, visit).status == "booked"
        set_clock(local("2026-03-05 10:00"))
        page = pages.get(link)
        assert "This visit is over." in page.text
        assert "/book/eval" in page.links(), "and leads to another one"
        assert "If plans change" not in page.text


class TestMoving:
    def test_shows_the_visits_own_time_as_free_and_moves_to_another(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        page = pages.get(f"{link}/move?week=2026-03-02")
        assert slot_value("2026-03-04 10:30", "okafor") in slots_on(page)
        page = pages.get(f"{link}/move?slot={THURSDAY}")
        assert page.h1 == "Move your visit?"
        old, new = page.text.split("Your new time")
        assert "Wed, Mar 4, 10:00 AM" in old
        for told in ("ThursdayMarch 511:00 AM", "Clinic time: ", "Dana Okafor", "1 Example Street"):
            assert told in new
        assert link in page.links(), "and the old time can be kept"
        assert present(clinic, visit).starts_at == visit.starts_at, "until the button is pressed"
        page = pages.submit(action=f"{link}/move")
        assert "Your visit was moved." in page.text
        assert present(clinic, visit).starts_at == local("2026-03-05 11:00")

    def test_to_anybody_names_who_has_the_time(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        page = pages.get(f"{link}/move?practitioner=&week=2026-03-02")
        friday = slot_value("2026-03-06 12:00", "santos")
        assert friday in slots_on(page)
        page = pages.get(f"{link}/move?slot={friday}")
        assert "with Dana Okafor" in page.text
        pages.submit(action=f"{link}/move")
        assert present(clinic, visit).practitioner == "santos"

    def test_to_a_time_just_taken_leaves_it_where_it_was(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        pages.get(f"{link}/move?slot={THURSDAY}")
        with clinic.app_context():
            book("2026-03-05 11:00", who=2)
        for page in (
            pages.submit(action=f"{link}/move", status=409),
            pages.get(f"{link}/move?slot={THURSDAY}", status=409),
        ):
            assert "This time has just been taken." in page.text
            assert "Free instead" in page.text
        assert present(clinic, visit).starts_at == visit.starts_at

    def test_of_a_visit_that_somebody_changed_says_so(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        pages.get(f"{link}/move?slot={THURSDAY}")
        with clinic.app_context():
            change = Change(version=1, starts_at=local("2026-03-04 14:00"))
            move_appointment(public_id=visit.public_id, change=change, actor=KIM, now=NOW)
        page = pages.submit(action=f"{link}/move", status=412)
        assert "Somebody changed this visit meanwhile." in page.text

    def test_pressed_twice_moves_once_and_says_so_twice(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        form = pages.get(f"{link}/move?slot={THURSDAY}").form(f"{link}/move")
        for _press in range(2):
            assert "Your visit was moved." in pages.post(form.action, form.values).text
        assert present(clinic, visit).version == visit.version + 1
        page = pages.get(f"{link}/move?slot={THURSDAY}", status=422)
        assert "This is the time that you have." in page.text

    @pytest.mark.parametrize("slot", ["", "x", slot_value("2026-03-07 03:00", "okafor")])
    def test_to_what_is_not_offered_is_refused(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient, slot: str
    ) -> None:
        visit, link = booked
        pages.get(f"{link}/move?slot={slot}", status=409 if "|" in slot else 422)
        pages.get(f"{link}/move?slot={THURSDAY}")
        pages.submit({"slot": slot}, action=f"{link}/move", status=422)
        assert present(clinic, visit).version == 1

    def test_is_not_offered_for_a_visit_that_was_cancelled(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        with clinic.app_context():
            take_step(public_id=visit.public_id, action=Action.CANCEL, actor=PUBLIC, now=NOW)
        assert "This visit was cancelled." in pages.get(f"{link}/move").text
