"""The calendar: everything of the days in its place, and visits moved or refused with words."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from clinic.core.values import Role
from clinic.intake.operations.assigning import Occasion, ask_for_form
from clinic.scheduling.operations.blocks import block_time
from clinic.scheduling.operations.holding import hold_time
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.status import Action
from tests.integration.desk.test_today import TEN_TWENTY, WITH_ROOMS, looks, sign_in
from tests.integration.intake.ground import publish, small_form
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, book, counted_queries, load, local

FROM_SCRIPT = {"X-Wants": "fragment"}


@pytest.fixture
def desk(clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]) -> PageClient:
    """The front desk, signed in, on Tuesday at 10:20."""
    set_clock(TEN_TWENTY)
    return sign_in(clinic, pages, Role.FRONT_DESK)


@pytest.fixture
def ten(clinic: Flask) -> Visit:
    """Pat1 at ten on Tuesday with Okafor."""
    with clinic.app_context():
        return book("2026-03-03 10:00", who=1)


def columns(desk: PageClient) -> dict[str, str]:
    """The words of each column by its heading."""
    found = {}
    for one in desk.page.tree.iter("section"):
        if one.get("class") == "pc":
            words = " ".join(" ".join(one.itertext()).split())
            found[next(one.iter("h2")).text or ""] = words
    return found


def move(desk: PageClient, visit: Visit, *, status: int = 200, **values: str) -> str:
    """Send the form of the visit's page; answers the words of what comes back."""
    desk.get(f"/desk/visits/{visit.public_id}")
    desk.submit(values, action=f"/desk/visits/{visit.public_id}/move", status=status)
    return desk.page.text


def now_of(app: Flask, visit: Visit) -> Visit:
    with app.app_context():
        return get_visit(visit.public_id)


class TestCalendar:
    def test_shows_everything_of_a_day(self, clinic: Flask, desk: PageClient, ten: Visit) -> None:
        with clinic.app_context():
            load(WITH_ROOMS.replace("minutes = 60", "minutes = 60\nbuffer_after = 15"))
            book("2026-03-03 10:00", who=2, reason="she is in pain")
            gone = book("2026-03-03 14:00", who=3)
            take_step(
                public_id=gone.public_id,
                action=Action.CANCEL,
                actor=KIM,
                now=TEN_TWENTY,
                reason="x",
            )
            hold_time(
                wish=Wish(service="eval", starts_at=local("2026-03-03 15:30")),
                visitor="somebody",
                now=TEN_TWENTY,
            )
            block_time(
                resource="okafor",
                starts_at=local("2026-03-03 12:00"),
                ends_at=local("2026-03-03 13:00"),
                kind="lunch",
                actor=KIM,
                now=TEN_TWENTY,
            )
        desk.get("/desk/calendar")
        okafor = columns(desk)["Dana Okafor"]
        for words in (
            "Pat1 Example 10:00 AM Evaluation",
            "Overbooked",
            "cancelled",
            "Held until 10:30 AM",
            "Lunch , 12 PM–1 PM",
        ):
            assert words in okafor
        assert 'class="band buffer' in desk.page.html
        assert "k0 of2" in desk.page.html
        assert "10:20 AM" in desk.page.text  # the line of the moment
        assert looks(clinic)[-1] == ("Kim Torres", "day:2026-03-03")
        desk.get("/desk/calendar?view=rooms")
        assert "Pat2 Example 10:00 AM, Okafor Evaluation" in columns(desk)["Blue room"]
        desk.get("/desk/calendar?date=2026-03-10")
        assert "Closed: Staff training" in columns(desk).get("Dana Okafor", desk.page.text)

    def test_shows_how_forms_stand_and_leads_those_to_them_who_may_read(
        self, clinic: Flask, desk: PageClient, ten: Visit, pages: PageClient
    ) -> None:
        with clinic.app_context():
            publish(small_form())
            about = f"appointment:{ten.public_id}"
            occasion = Occasion(about, ten.starts_at, ten.local.date())
            ask_for_form(
                patient=ten.patient, slug="small", occasion=occasion, actor=KIM, now=TEN_TWENTY
            )
        week = "/desk/calendar?view=week&practitioner=okafor&date=2026-03-05"
        told = f'href="/desk/patients/{ten.patient}/summary"'
        clinician = sign_in(clinic, PageClient(clinic), Role.CLINICIAN)
        for path in ("/desk/calendar", week):
            for who, may_read in ((desk, False), (clinician, True)):
                page = who.get(path)
                assert "Forms: None yet" in page.text
                assert (told in page.html) is may_read

    def test_shows_a_week_of_one(self, desk: PageClient, ten: Visit) -> None:
        desk.get("/desk/calendar?view=week&practitioner=okafor&date=2026-03-05")
        found = columns(desk)
        assert list(found)[:2] == ["Mon 2", "Tue 3"]
        assert len(found) == 7
        assert "Pat1" in found["Tue 3"]
        assert "Not working" in found["Fri 6"]

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "date=0001-01-01",
            "date=9999-12-31",
            "view=x&practitioner=%00&location=mars&date=2026-02-30",
        ],
    )
    def test_takes_any_address(self, desk: PageClient, query: str) -> None:
        for view in ("day", "rooms", "week"):
            desk.get(f"/desk/calendar?{query}&view={view}")

    def test_asks_as_much_whatever_it_holds(
        self, clinic: Flask, desk: PageClient, ten: Visit
    ) -> None:
        desk.get("/desk/calendar")
        with counted_queries(clinic) as few:
            desk.get("/desk/calendar")
        with clinic.app_context():
            for who in range(15):
                book("2026-03-03 13:00", who=who + 40, reason="a test")
        with counted_queries(clinic) as many:
            desk.get("/desk/calendar")
        assert len(many) <= len(few) + 1, [one for one in many if one not in few]

    def test_is_silent_until_something_changes(
        self, clinic: Flask, desk: PageClient, ten: Visit
    ) -> None:
        desk.get("/desk/calendar")
        pulse = re.search(r'data-pulse="([^"]+)"', desk.page.html)
        assert pulse
        before = len(looks(clinic))
        desk.get(f"/desk/calendar/grid?pulse={pulse[1]}", status=204)
        assert len(looks(clinic)) == before
        with clinic.app_context():
            take_step(public_id=ten.public_id, action=Action.ARRIVE, actor=KIM, now=TEN_TWENTY)
        answer = desk.client.get(f"/desk/calendar/grid?pulse={pulse[1]}")
        assert answer.status_code == 200
        assert answer.headers["X-Pulse"] != pulse[1]
        assert "arrived" in answer.text


class TestMove:
    def test_takes_another_time_and_length(
        self, clinic: Flask, desk: PageClient, ten: Visit
    ) -> None:
        text = move(desk, ten, date="2026-03-03", time="11:30", minutes="90")
        assert "Moved to Tue, Mar 3, 11:30 AM." in text
        moved = now_of(clinic, ten)
        assert (moved.starts_at, moved.ends_at) == (
            local("2026-03-03 11:30"),
            local("2026-03-03 13:00"),
        )

    def test_says_why_not_and_keeps_the_visit_where_it_was(
        self, clinic: Flask, desk: PageClient, ten: Visit
    ) -> None:
        with clinic.app_context():
            book("2026-03-03 14:00", who=2)
        told = {
            "14:30": "Okafor has “Evaluation” 2:00 PM–3:00 PM.",
            "19:00": "Okafor works 9:00 AM–5:00 PM on that day.",
            "25:00": "Type a date and a time of day.",
        }
        for time, words in told.items():
            status = 409 if time == "14:30" else 422
            assert words in move(desk, ten, time=time, status=status)
        assert now_of(clinic, ten).starts_at == ten.starts_at
        move(desk, ten, time="14:30", status=409)
        assert "Free instead:" in desk.page.text
        form = next(one for one in desk.page.forms if "insist" in one.values)
        desk.post(form.action, {**form.values, "reason": "They share the room"})
        assert now_of(clinic, ten).override_reason == "They share the room"

    def test_does_not_overwrite_what_somebody_else_did(
        self, clinic: Flask, desk: PageClient, ten: Visit
    ) -> None:
        desk.get(f"/desk/visits/{ten.public_id}")
        with clinic.app_context():
            take_step(public_id=ten.public_id, action=Action.ARRIVE, actor=KIM, now=TEN_TWENTY)
        desk.submit({"time": "13:00"}, action=f"/desk/visits/{ten.public_id}/move", status=412)
        assert "Somebody changed the visit of Pat1 Example meanwhile." in desk.page.text
        assert "“Arrived”" in desk.page.text
        assert now_of(clinic, ten).starts_at == ten.starts_at

    def test_answers_a_script_briefly(self, clinic: Flask, desk: PageClient, ten: Visit) -> None:
        with clinic.app_context():
            book("2026-03-03 14:00", who=2)
        desk.get("/desk/calendar")
        proof = desk.page.forms[0].values["csrf_token"]
        values = {"csrf_token": proof, "version": "1", "date": "2026-03-03"}
        address = f"/desk/visits/{ten.public_id}/move"

        def ask(**typed: str) -> tuple[int, str, str | None]:
            answer = desk.client.post(address, data={**values, **typed}, headers=FROM_SCRIPT)
            return answer.status_code, answer.text[:8], answer.headers.get("X-Version")

        assert ask(time="14:00") == (409, "<section", None)
        assert ask(time="15:30") == (204, "", "2")
        assert ask(time="11:00") == (412, "<section", None)
        assert ask(time="10:00", version="2") == (204, "", "3")
        assert now_of(clinic, ten).starts_at == ten.starts_at

    def test_answers_a_form_with_a_page_whatever_fields_it_has(
        self, desk: PageClient, ten: Visit
    ) -> None:
        desk.get("/desk/calendar")
        proof = desk.page.forms[0].values["csrf_token"]
        for address in (f"/desk/visits/{ten.public_id}/move", "/desk/block"):
            values = {"csrf_token": proof, "fragment": "1", "time": "never"}
            answer = desk.client.post(address, data=values)
            assert (answer.status_code, answer.text[:15]) == (422, "<!doctype html>")

    def test_exchanges_one_room(self, clinic: Flask, desk: PageClient) -> None:
        with clinic.app_context():
            load(
                WITH_ROOMS.replace('["blue"]', '["blue", "red"]').replace(
                    'slug = "probe"',
                    'slug = "red"\nname = "Red room"\nkind = "room"\nlocation = "main"\n\n'
                    '[[resources]]\nslug = "probe"',
                    1,
                )
            )
            visit = book("2026-03-03 10:00")
        assert visit.resources == ("blue", "probe")
        desk.get("/desk/calendar?view=rooms")
        proof = desk.page.forms[0].values["csrf_token"]
        values = {"csrf_token": proof, "version": "1"}
        rooms = {"date": "2026-03-03", "time": "10:00", "room_from": "blue", "room_to": "red"}
        address = f"/desk/visits/{visit.public_id}/move"
        answer = desk.client.post(address, data={**values, **rooms}, headers=FROM_SCRIPT)
        assert answer.status_code == 204
        assert set(now_of(clinic, visit).resources) == {"red", "probe"}


class TestBlocks:
    def test_are_made_and_given_back(self, clinic: Flask, desk: PageClient, ten: Visit) -> None:
        desk.get("/desk/block?resource=okafor&date=2026-03-03&time=12:00")
        desk.submit({"until": "12:45"}, action="/desk/block")
        assert "Lunch , 12 PM–12:45 PM" in columns(desk)["Dana Okafor"]
        link = next(one for one in desk.page.links() if one.startswith("/desk/blocks/"))
        desk.get(link)
        desk.submit(action=f"{link}/remove")
        assert "Lunch" not in columns(desk)["Dana Okafor"]
        assert "This time was given back." in desk.get(link).text

    def test_say_what_is_wrong(self, desk: PageClient, ten: Visit) -> None:
        for values, status, words in (
            ({"time": "10:30", "until": "11:30"}, 409, "Something stands in that time"),
            ({"time": "noon", "until": "11:30"}, 422, "Type a date, and a time"),
            ({"time": "12:00", "until": "11:30"}, 422, ""),
        ):
            desk.get("/desk/block?resource=okafor&date=2026-03-03")
            desk.submit(values, action="/desk/block", status=status)
            assert words in desk.page.text
