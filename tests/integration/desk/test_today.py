"""The day's list: who comes, who is here, the steps, and the trail of every look."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry, AuditSight
from clinic.core.db import db
from clinic.core.values import Role
from clinic.scheduling.operations.holding import hold_time
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.status import Action
from tests.support.page_client import PageClient
from tests.support.page_clinic import (
    CLINIC,
    KIM,
    NOW,
    PASSWORD,
    book,
    counted_queries,
    everything_stored,
    hire,
    load,
    local,
)

TEN_TWENTY = local("2026-03-03 10:20")
WITH_ROOMS = (
    CLINIC.replace('name = "Evaluation"\n', 'name = "Evaluation"\nneeds = [["blue"], ["probe"]]\n')
    + """
[[resources]]
slug = "blue"
name = "Blue room"
kind = "room"
location = "main"

[[resources]]
slug = "probe"
name = "Probe"
kind = "equipment"
location = "main"
"""
)


@pytest.fixture
def desk(clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]) -> PageClient:
    """The front desk, signed in, on Tuesday at 10:20."""
    set_clock(TEN_TWENTY)
    return sign_in(clinic, pages, Role.FRONT_DESK)


@pytest.fixture
def day(clinic: Flask) -> dict[str, Visit]:
    """Tuesday's visits: at 9 one who arrived 9:50, at 10 one who has not, at 11 one to come."""
    with clinic.app_context():
        nine = book("2026-03-03 09:00", who=1)
        ten = book("2026-03-03 10:00", who=2)
        eleven = book("2026-03-03 11:00", who=3)
        step(nine, Action.ARRIVE, local("2026-03-03 09:50"))
        return {"nine": nine, "ten": ten, "eleven": eleven}


def sign_in(app: Flask, pages: PageClient, role: Role) -> PageClient:
    with app.app_context():
        email = hire(role, now=TEN_TWENTY)
    pages.get("/sign-in")
    pages.submit(
        {"email": email, "password": PASSWORD}, action="/sign-in", follow=False, status=303
    )
    return pages


def step(visit: Visit, action: Action, now: datetime = TEN_TWENTY) -> None:
    take_step(public_id=visit.public_id, action=action, actor=KIM, now=now)


def press(desk: PageClient, visit: Visit, action: str, *, status: int = 200) -> None:
    """Press the step's button in the visit's row."""
    found = re.search(rf'name="step" value="({action}\|\d+\|{visit.public_id})"', desk.page.html)
    assert found, f"no {action} for {visit.given_name}"
    desk.submit({"step": found[1]}, action="/desk/steps", status=status)


def row(desk: PageClient, visit: Visit) -> str:
    found = [e for e in desk.page.tree.iter("tr") if e.get("id") == f"v-{visit.public_id}"]
    assert len(found) == 1
    return " ".join(" ".join(found[0].itertext()).split())


def looks(app: Flask) -> list[tuple[str, str | None]]:
    with app.app_context():
        wanted = select(AuditEntry).where(AuditEntry.action == "desk.looked").order_by("id")
        return [(one.actor_name, one.subject) for one in db.session.scalars(wanted)]


class TestAccess:
    @pytest.mark.parametrize(
        ("role", "status"),
        [
            (Role.ADMIN, 200),
            (Role.FRONT_DESK, 200),
            (Role.CLINICIAN, 200),
            (Role.GAIT_LAB, 200),
            (Role.AUDITOR, 403),
        ],
    )
    def test_is_for_those_who_run_the_day(
        self, clinic: Flask, pages: PageClient, role: Role, status: int
    ) -> None:
        sign_in(clinic, pages, role).get("/desk", status=status)

    def test_asks_others_to_sign_in(self, clinic: Flask, pages: PageClient) -> None:
        assert pages.get("/desk").h1 == "Staff sign-in"


class TestList:
    def test_leads_to_each_visit_and_to_the_patient(
        self, desk: PageClient, day: dict[str, Visit]
    ) -> None:
        nine = day["nine"]
        links = set(desk.get("/desk").links())
        assert {f"/desk/visits/{nine.public_id}", f"/desk/patients/{nine.patient}"} <= links

    def test_shows_each_visit_with_its_state(self, desk: PageClient, day: dict[str, Visit]) -> None:
        page = desk.get("/desk")
        assert page.h1 == "Today Tuesday, March 3"
        nine = row(desk, day["nine"])
        assert nine.startswith("9:00 AM Pat1 Example Evaluation with Okafor")
        assert "Arrived Due $200 30 min Check in" in nine
        assert "Booked Due $200 Late 20 min Arrived" in row(desk, day["ten"])
        assert "1 waiting, 30 min 1 late 1 here 2 to come" in " ".join(
            " ".join(
                next(e for e in page.tree.iter("nav") if e.get("class") == "queue").itertext()
            ).split()
        )
        assert page.text.index("Pat2") < page.text.index("Now 10:20 AM") < page.text.index("Pat3")

    def test_shows_holds_as_held(self, clinic: Flask, desk: PageClient) -> None:
        wish = Wish(service="eval", starts_at=local("2026-03-03 14:00"), practitioner="okafor")
        with clinic.app_context():
            hold_time(wish=wish, visitor="somebody", now=TEN_TWENTY)
        assert "2:00 PMHeld until 10:30 AMEvaluation" in desk.get("/desk").text

    def test_shows_a_hold_once_with_all_it_takes(self, clinic: Flask, desk: PageClient) -> None:
        wish = Wish(service="eval", starts_at=local("2026-03-03 14:00"), practitioner="okafor")
        with clinic.app_context():
            load(WITH_ROOMS, now=TEN_TWENTY)
            hold_time(wish=wish, visitor="somebody", now=TEN_TWENTY)
        text = desk.get("/desk").text
        assert text.count("Held until 10:30 AM") == 1
        assert "Blue room, Probe" in text

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("show=here", {"Pat1"}),
            ("show=coming", {"Pat2", "Pat3"}),
            ("show=all", {"Pat1", "Pat2", "Pat3"}),
            ("location=uptown", set()),
            ("location=main&show=here", {"Pat1"}),
            ("show=x&location=mars&date=2026-02-30", {"Pat1", "Pat2", "Pat3"}),
        ],
    )
    def test_can_be_narrowed(
        self, desk: PageClient, day: dict[str, Visit], query: str, names: set[str]
    ) -> None:
        assert set(re.findall(r"Pat\d", desk.get(f"/desk?{query}").text)) == names

    @pytest.mark.parametrize(
        ("date", "words"),
        [
            ("2026-03-10", "No visits on Tuesday, March 10Closed: Staff training."),
            ("2026-03-11", "No visits on Wednesday, March 11Nothing has been booked yet."),
        ],
    )
    def test_says_why_it_is_empty(self, desk: PageClient, date: str, words: str) -> None:
        assert words in desk.get(f"/desk?date={date}").text

    def test_leads_to_the_days_around(self, desk: PageClient, day: dict[str, Visit]) -> None:
        links = desk.get("/desk").links()
        assert {"/desk?date=2026-03-02", "/desk?date=2026-03-04"} <= set(links)

    @pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31", "20000-01-01", "x" * 9999, "%00"])
    def test_takes_any_date(self, desk: PageClient, date: str) -> None:
        desk.get(f"/desk?date={date}")

    def test_costs_as_many_queries_whatever_it_holds(
        self, clinic: Flask, desk: PageClient, day: dict[str, Visit]
    ) -> None:
        desk.get("/desk")
        with counted_queries(clinic) as few:
            desk.get("/desk")
        with clinic.app_context():
            for who in range(20):
                visit = book("2026-03-03 13:00", who=who + 40, reason="a test")
                step(visit, Action.ARRIVE)
        with counted_queries(clinic) as many:
            desk.get("/desk")
        # Eight reads: who asks, the setting, visits, their rooms, arrivals, holds, how the visits
        # stand elsewhere, and what waits. Two writes put the look on record.
        assert len(few) == len(many), many
        assert sum(one.startswith("SELECT") for one in many) == 8, many
        assert sum(one.startswith("INSERT") for one in many) == 2, many


class TestLooks:
    def test_leave_an_entry_each(
        self, clinic: Flask, desk: PageClient, day: dict[str, Visit]
    ) -> None:
        desk.get("/desk")
        desk.get("/desk?date=2026-03-04")
        desk.get(f"/desk/visits/{day['ten'].public_id}/cancel")
        assert looks(clinic) == [
            ("Kim Torres", "day:2026-03-03"),
            ("Kim Torres", "day:2026-03-04"),
            ("Kim Torres", f"appointment:{day['ten'].public_id}"),
        ]

    def test_are_found_by_each_patient_on_the_list(
        self, clinic: Flask, desk: PageClient, day: dict[str, Visit]
    ) -> None:
        desk.get("/desk?date=2026-03-03")
        with clinic.app_context():
            seen = set(db.session.scalars(select(AuditSight.subject)))
        assert seen == {f"patient:{visit.patient}" for visit in day.values()}

    def test_change_nothing_else(
        self, clinic: Flask, desk: PageClient, day: dict[str, Visit]
    ) -> None:
        before = everything_stored(clinic)
        for path in ("/desk", "/desk/list", f"/desk/visits/{day['ten'].public_id}/cancel"):
            assert desk.client.get(path).status_code == 200
        assert everything_stored(clinic) == before

    def test_of_a_page_that_keeps_itself_current_count_when_there_is_something_new(
        self, clinic: Flask, desk: PageClient, day: dict[str, Visit]
    ) -> None:
        html = desk.get("/desk").html
        address = re.search(r'data-list="([^"]+)"', html)
        assert address
        assert "Pat2" in desk.client.get(address[1]).get_data(as_text=True)
        assert len(looks(clinic)) == 1
        with clinic.app_context():
            step(day["ten"], Action.ARRIVE)
        assert "Check in" in desk.client.get(address[1]).get_data(as_text=True)
        assert len(looks(clinic)) == 2


class TestSteps:
    def test_go_on_and_back(self, clinic: Flask, desk: PageClient, day: dict[str, Visit]) -> None:
        desk.get("/desk?show=coming")
        press(desk, day["ten"], "arrive")
        assert "Pat2 Example: Arrived." in desk.page.text
        desk.get("/desk")
        press(desk, day["ten"], "check-in")
        assert "Checked in Due $200 Finish" in row(desk, day["ten"])
        for word in ("Arrived", "Booked"):
            press(desk, day["ten"], "undo")
            assert word in row(desk, day["ten"])

    def test_keep_the_list_that_was_shown(self, desk: PageClient, day: dict[str, Visit]) -> None:
        desk.get("/desk?show=coming&location=main")
        press(desk, day["ten"], "confirm")
        assert desk.page.path.startswith("/desk?location=main&show=coming&done=")
        assert "Confirmed" in row(desk, day["ten"])

    def test_offer_no_show_only_after_the_start(
        self, desk: PageClient, day: dict[str, Visit]
    ) -> None:
        desk.get("/desk")
        assert f"|{day['eleven'].public_id}" in desk.page.html
        assert "No-show" not in row(desk, day["eleven"])
        press(desk, day["ten"], "no-show")
        assert "No-show" in row(desk, day["ten"])

    def test_on_a_visit_that_somebody_changed_say_so_and_do_nothing(
        self, clinic: Flask, desk: PageClient, day: dict[str, Visit]
    ) -> None:
        desk.get("/desk")
        with clinic.app_context():
            step(day["ten"], Action.ARRIVE)
        press(desk, day["ten"], "no-show", status=412)
        assert "Somebody changed the visit of Pat2 Example meanwhile" in desk.page.text
        assert "it is now “Arrived”" in desk.page.text
        with clinic.app_context():
            assert get_visit(day["ten"].public_id).status == "arrived"

    def test_that_take_a_time_again_say_when_it_is_gone(
        self, clinic: Flask, desk: PageClient, day: dict[str, Visit]
    ) -> None:
        with clinic.app_context():
            step(day["eleven"], Action.CANCEL)
            book("2026-03-03 11:00", who=9)
        desk.get("/desk")
        press(desk, day["eleven"], "undo", status=409)
        assert "Pat3 Example: This time has just been taken." in desk.page.text

    @pytest.mark.parametrize(
        "value", ["", "x", "cancel|1|{id}", "arrive|x|{id}", "dance|1|{id}", "\x00", "x" * 10_000]
    )
    def test_that_are_none_are_refused(
        self, desk: PageClient, day: dict[str, Visit], value: str
    ) -> None:
        desk.get("/desk")
        value = value.replace("{id}", day["ten"].public_id)
        desk.submit({"step": value}, action="/desk/steps", status=422)
        assert "Nothing was changed." in desk.page.text

    def test_on_a_visit_that_is_not_there_find_nothing(self, desk: PageClient) -> None:
        desk.get("/desk")
        desk.submit({"step": f"arrive|1|{'x' * 22}"}, action="/desk/steps", status=404)


class TestCancelling:
    def test_takes_a_reason(self, clinic: Flask, desk: PageClient, day: dict[str, Visit]) -> None:
        path = f"/desk/visits/{day['eleven'].public_id}/cancel"
        page = desk.get(path)
        assert page.h1 == "Cancel the visit of Pat3 Example"
        page = desk.submit({"reason": " \n "}, action=path, status=422)
        assert page.title.startswith("Error: ")
        assert "#reason" in page.links()
        page = desk.submit({"reason": "Called,\nhas a cold 🤧"}, action=path)
        assert page.path.startswith("/desk?done=")
        assert "Cancelled" in row(desk, day["eleven"])

    @pytest.mark.parametrize("reason", ["x" * 10_000, "a\x00b"])
    def test_keeps_a_reason_that_cannot_be_kept_for_mending(
        self, desk: PageClient, day: dict[str, Visit], reason: str
    ) -> None:
        path = f"/desk/visits/{day['eleven'].public_id}/cancel"
        desk.get(path)
        page = desk.submit({"reason": reason}, action=path, status=422)
        assert page.form(path).values["reason"][0].strip("\n") == reason.replace("\x00", "")

    def test_of_a_visit_that_somebody_changed_says_so(
        self, clinic: Flask, desk: PageClient, day: dict[str, Visit]
    ) -> None:
        path = f"/desk/visits/{day['eleven'].public_id}/cancel"
        desk.get(path)
        with clinic.app_context():
            step(day["eleven"], Action.ARRIVE)
        page = desk.submit({"reason": "ill"}, action=path, status=412)
        assert "Somebody changed the visit of Pat3 Example meanwhile" in page.text
        assert page.form(path).values["reason"][0].strip() == "ill"
        assert desk.submit(action=path).path.startswith("/desk?done=")

    def test_of_what_is_no_visit_finds_nothing(self, desk: PageClient) -> None:
        desk.get("/desk/visits/x/cancel", status=404)
        desk.get("/desk/visits/%00/cancel", status=404)


class TestSeveralZones:
    def test_show_the_time_of_the_place_with_its_letters(
        self, app: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        text = CLINIC.replace(
            'address = "9 Sample Avenue"',
            'address = "9 Sample Avenue"\ntime_zone = "America/Chicago"',
        )
        with app.app_context():
            load(text)
            book("2026-03-07 10:00", practitioner="santos", now=NOW)
        set_clock(NOW + timedelta(minutes=1))
        sign_in(app, pages, Role.FRONT_DESK)
        assert "9:00 AM CST" in pages.get("/desk?date=2026-03-07").text
        assert "CST" not in pages.get("/desk?date=2026-03-07&location=uptown").text
