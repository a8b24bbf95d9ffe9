"""The page of a video visit: who, where, waiting, late, gone; and the patient's own clock."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from clinic.core.errors import Invalid
from clinic.intake.operations.assigning import Occasion, ask_for_form
from clinic.intake.operations.completing import complete_response
from clinic.intake.queries.responses import get_assigned
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.refusals import WrongState
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.presenters.calendar_files import present_calendar_file
from clinic.scheduling.presenters.letters import present_visit_letter
from clinic.scheduling.queries.links import visit_token
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from clinic.telehealth.operations.guests import invite_guests
from clinic.telehealth.operations.rooms import set_meeting, tell_late
from clinic.telehealth.queries.guests import guest_path
from clinic.telehealth.queries.rooms import get_room, list_waiting
from tests.integration.intake.ground import ANA, publish, save
from tests.integration.intake.signing import GIVEN, signed_form
from tests.support.page_client import PageClient
from tests.support.page_clinic import CLINIC, KIM, NOW, counted_queries, load, local

WHEN = "2026-03-03 10:00"
BORN = {"birth_date-day": "14", "birth_date-month": "3", "birth_date-year": "1984"}
PLACE = {"state": "NY", "place": "5 Sample Road", "phone": "+1 518 555 0142"}
SetClock = Callable[[datetime], None]


def visit_at(when: str, *, zone: str | None = None, state: str = "NY") -> Visit:
    wish = Wish(
        service="video",
        starts_at=local(when),
        practitioner="okafor",
        state=state,
        patient_zone=zone,
    )
    patient = PatientDetails(
        given_name="Ana",
        family_name="Beltran",
        birth_date=date(1984, 3, 14),
        email="ana@example.com",
    )
    return book_appointment(wish=wish, patient=patient, actor=KIM, now=NOW)


def sign_consent(patient: str) -> None:
    """Hand in a signed yes to video visits."""
    form = publish(signed_form("video-consent"))
    occasion = Occasion(about=None, due_at=None, today=NOW.date())
    asked = ask_for_form(
        patient=patient, slug="video-consent", occasion=occasion, actor=KIM, now=NOW
    )
    answers = {name: [{"valueBoolean": True}] for name in ("treatment-agree", "telehealth-agree")}
    kept = get_assigned(public_id=asked).response
    saved = save(asked, answers, form=form, base=kept.version if kept else 0)
    complete_response(
        response=saved.response, version=saved.version, author=ANA, now=NOW, signature=GIVEN
    )


class TestThePage:
    @pytest.fixture
    def visit(self, clinic: Flask) -> Visit:
        with clinic.app_context():
            found = visit_at(WHEN, zone="America/Los_Angeles")
            sign_consent(found.patient)
            return found

    @pytest.fixture
    def path(self, clinic: Flask, visit: Visit) -> str:
        with clinic.app_context():
            return f"/visits/{visit_token(visit)}/video"

    def prove(self, pages: PageClient, path: str) -> None:
        pages.get(path)
        pages.submit(BORN, action=f"{path}/prove")

    def test_stands_behind_link_and_birth_date(self, pages: PageClient, path: str) -> None:
        pages.get(f"{path}/state", status=404)
        page = pages.get(path)
        assert page.h1 == "Your video visit"
        assert "meet.example" not in page.html
        page = pages.submit({**BORN, "birth_date-year": "1985"}, action=f"{path}/prove", status=422)
        assert "does not fit" in page.text
        pages.get(f"{path[:-7]}x/video", status=404)
        page = pages.get(path)
        page = pages.submit(BORN, action=f"{path}/prove")
        assert page.h1 == "You are early."
        assert "Tuesday, March 3, 6:50 AM" in page.text
        assert "Clinic time: Tuesday, March 3, 10:00 AM" in page.text

    def test_asks_for_the_birth_date_again_after_some_hours(
        self, pages: PageClient, set_clock: SetClock, path: str
    ) -> None:
        self.prove(pages, path)
        set_clock(NOW + timedelta(hours=4) - timedelta(seconds=1))
        assert pages.get(path).h1 == "You are early."
        set_clock(NOW + timedelta(hours=4))
        assert "date of birth" in pages.get(path).text
        pages.get(f"{path}/state", status=404)

    def test_asks_where_then_waits_then_leads_in(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock, visit: Visit, path: str
    ) -> None:
        at = local("2026-03-03 09:50")
        set_clock(at)
        self.prove(pages, path)
        assert pages.get(path).h1 == "Where are you now?"
        page = pages.submit({**PLACE, "place": " "}, action=f"{path}/place", status=422)
        assert "Enter the address where you are." in page.text
        page = pages.submit({**PLACE, "state": "CA"}, action=f"{path}/place", status=422)
        assert "may not see you by video where you are now" in page.text
        with clinic.app_context():
            assert list_waiting(now=at) == ()
        page = pages.submit(PLACE, action=f"{path}/place")
        assert page.h1 == "Your visit can begin."
        assert any(link.startswith("https://meet.example/") for link in page.links())
        with clinic.app_context():
            (waiting,) = list_waiting(now=at)
            assert (waiting.visit, waiting.waiting_since) == (visit.public_id, at)
            room = get_room(visit.public_id)
            assert (room.place_state, room.place, room.phone) == (
                "NY",
                "5 Sample Road",
                "+15185550142",
            )
            assert list_waiting(now=at + timedelta(minutes=2)) == ()
            set_meeting(visit=visit.public_id, address="https://room.example/7", actor=KIM, now=at)
            with pytest.raises(Invalid):
                set_meeting(visit=visit.public_id, address="http://x.example", actor=KIM, now=at)
        assert "https://room.example/7" in pages.get(path).links()
        set_clock(at + timedelta(minutes=3))
        pages.submit(action=f"{path}/here")
        with clinic.app_context():
            assert len(list_waiting(now=at + timedelta(minutes=4))) == 1

    def test_tells_who_waits_of_a_delay_and_of_the_end(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock, visit: Visit, path: str
    ) -> None:
        at = local("2026-03-03 09:55")
        set_clock(at)
        self.prove(pages, path)
        pages.get(path)
        pages.submit(PLACE, action=f"{path}/place")
        first = pages.client.get(f"{path}/state")
        etag = {"If-None-Match": first.headers["ETag"]}
        with counted_queries(clinic) as asked:
            assert pages.client.get(f"{path}/state", headers=etag).status_code == 304
        assert len(asked) <= 3, "many pages ask this every few seconds"
        with clinic.app_context():
            tell_late(visit=visit.public_id, minutes=20, actor=KIM, now=at)
        assert pages.client.get(f"{path}/state", headers=etag).status_code == 200
        assert "7:15 AM" in pages.get(path).text
        with clinic.app_context():
            take_step(public_id=visit.public_id, action=Action.CANCEL, actor=KIM, now=at)
            assert list_waiting(now=at) == ()
        assert pages.client.get(f"{path}/state", headers=etag).status_code == 200
        page = pages.get(path)
        assert page.h1 == "This visit will not take place."
        assert "/book" in page.links()
        assert "meet.example" not in page.html

    def test_lets_a_guest_wait_by_a_link_of_their_own(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock, visit: Visit, path: str
    ) -> None:  # T4
        self.prove(pages, path)
        page = pages.submit(action=f"{path}/guests")
        (link,) = (one for one in page.links() if one.startswith("/guests/"))
        guest = PageClient(clinic)
        assert guest.get(link).h1 == "You are early."
        set_clock(local("2026-03-03 09:55"))
        page = guest.get(link)
        assert (page.h1, "meet.example" in page.html) == ("You are in the waiting room.", False)
        assert "The patient is not there yet." in page.text
        assert not {"Ana", "Beltran", "Okafor", visit.public_id} & set(re.split(r"\W", page.html))
        self.prove(pages, path)
        pages.submit(PLACE, action=f"{path}/place")
        page = guest.get(link)
        assert (page.h1, "meet.example" in page.html) == ("Your visit can begin.", True)
        etag = {"If-None-Match": guest.client.get(f"{link}/state").headers["ETag"]}
        assert guest.client.get(f"{link}/state", headers=etag).status_code == 304
        with clinic.app_context():
            tell_late(visit=visit.public_id, minutes=20, actor=KIM, now=NOW)
        assert guest.client.get(f"{link}/state", headers=etag).status_code == 200
        with clinic.app_context():
            take_step(public_id=visit.public_id, action=Action.CANCEL, actor=KIM, now=NOW)
            with pytest.raises(WrongState):
                invite_guests(visit=visit.public_id, actor=KIM, now=NOW)
        assert guest.get(link).h1 == "This visit will not take place."
        set_clock(visit.ends_at + timedelta(days=1))
        assert guest.get(link, status=404).h1 == "This link opens nothing"

    def test_ends_the_link_of_a_guest(
        self, clinic: Flask, pages: PageClient, visit: Visit, path: str
    ) -> None:
        pages.client.post(f"{path}/guests")
        with clinic.app_context():
            assert get_room(visit.public_id).guests is None, "the birth date comes first"
            first = guest_path(invite_guests(visit=visit.public_id, actor=KIM, now=NOW))
            assert guest_path(invite_guests(visit=visit.public_id, actor=KIM, now=NOW)) == first
        guest = PageClient(clinic)
        for broken in (first[:-1], f"{first}x", f"/guests/{visit.public_id}", "/guests/caf\u00e9"):
            guest.get(broken, status=404)
        guest.get(first)
        self.prove(pages, path)
        pages.get(path)
        assert "/guests/" not in pages.submit({"do": "end"}, action=f"{path}/guests").html.replace(
            f"{path}/guests", ""
        )
        assert guest.get(first, status=404).h1 == "This link opens nothing"
        with clinic.app_context():
            assert guest_path(invite_guests(visit=visit.public_id, actor=KIM, now=NOW)) != first

    def test_needs_the_consent_first(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock
    ) -> None:
        with clinic.app_context():
            publish(signed_form("consents"))
            visit = visit_at("2026-03-04 10:00")
            path = f"/visits/{visit_token(visit)}/video"
        set_clock(local("2026-03-04 09:55"))
        self.prove(pages, path)
        assert "sign the consent to video visits" in pages.page.text

    def test_asks_whether_the_licence_still_holds(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock, path: str
    ) -> None:
        ended = CLINIC.replace('kind = "PT"\n', 'kind = "PT"\nvalid_to = 2026-03-02\n', 1)
        with clinic.app_context():
            load(ended, allow_stranded=True)
        set_clock(local("2026-03-03 09:55"))
        self.prove(pages, path)
        pages.get(path)
        page = pages.submit(PLACE, action=f"{path}/place", status=422)
        assert "may not see you by video where you are now" in page.text

    def test_is_of_video_visits_only(self, clinic: Flask, pages: PageClient) -> None:
        with clinic.app_context():
            wish = Wish(service="eval", starts_at=local(WHEN), practitioner="okafor")
            patient = PatientDetails(
                given_name="Bo",
                family_name="Doe",
                birth_date=date(1990, 1, 1),
                phone="+12125550111",
            )
            visit = book_appointment(wish=wish, patient=patient, actor=KIM, now=NOW)
            path = f"/visits/{visit_token(visit)}/video"
        pages.get(path, status=404)


ZONES = ("America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu", "Europe/London")
WINTER = ("7:00 AM", "9:00 AM", "7:00 AM", "6:00 PM")
BETWEEN = ("7:00 AM", "8:00 AM", "6:00 AM", "5:00 PM")
"""While New York has summer time and London has not."""


class TestOwnClock:
    """Visits at 10, 11, 12 and 1 o'clock in New York, around both changes of clocks."""

    @pytest.mark.parametrize(
        ("day", "clocks"),
        [
            ("2026-03-05", WINTER),
            ("2026-03-09", BETWEEN),
            ("2026-10-29", BETWEEN),
            ("2026-11-02", WINTER),
        ],
    )
    def test_is_told_on_page_mail_and_calendar(
        self, clinic: Flask, pages: PageClient, day: str, clocks: tuple[str, ...]
    ) -> None:
        with clinic.test_request_context():
            for hour, (zone, clock) in enumerate(zip(ZONES, clocks, strict=True), start=10):
                visit = visit_at(f"{day} {hour}:00", zone=zone)
                mail = present_visit_letter(visit)
                file = present_calendar_file(
                    visit=visit, clinic="Test Rehab", base_url="https://x.example", now=NOW
                )
                calendar = file.decode().replace("\r\n ", "").replace("\\,", ",")
                start = f"{day.replace('-', '')}T{hour}0000"
                assert f"DTSTART;TZID=America/New_York:{start}" in calendar
                page = pages.get(f"/visits/{visit_token(visit)}")
                city = zone.partition("/")[2].replace("_", " ")
                for text in (mail.own_times[0], calendar, page.text):
                    assert f"{clock}, {city}" in text
                    assert "meet.example" not in text
                assert "New York" in mail.zone
                assert "New York" in page.text
