"""Waiting for a time: joining at a service, the page behind the link, and the desk's list."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from clinic.core.values import PUBLIC, Role
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.waitlist import join_waitlist
from clinic.scheduling.operations.waitlist.rounds import tend_waitlist
from clinic.scheduling.queries.links import waitlist_token
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.queries.waitlist import (
    WaitingEntry,
    get_entry,
    list_entries,
    list_patient_entries,
)
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.waitlist import EntryStatus, WaitWish, Window
from tests.integration.desk.test_day import waiting
from tests.integration.desk.test_today import sign_in
from tests.integration.intake.dangers import NOTHING
from tests.integration.intake.test_safety_pages import typed
from tests.support.page_client import PageClient
from tests.support.page_clinic import (
    CLINIC,
    KIM,
    NOW,
    book,
    everything_stored,
    load,
    local,
    person,
)

JOIN = "/book/eval/waitlist"
FILLED = {
    "from_day": "2026-03-03",
    "to_day": "2026-03-05",
    "days": ["1"],
    "parts": ["morning", "afternoon"],
    "practitioner": "okafor",
    "location": "main",
    "given_name": "Ana",
    "family_name": "Beltran",
    "birth_date-month": "3",
    "birth_date-day": "14",
    "birth_date-year": "1984",
    "email": "ana@example.com",
}
TUESDAY = date(2026, 3, 3)
SHORT = CLINIC.replace('from = "09:00"\nto = "17:00"', 'from = "09:00"\nto = "10:00"')
"""Okafor has one time a day, at nine."""


@pytest.fixture
def clinic(clinic: Flask) -> Flask:
    """One evaluation a day, and Tuesday's is taken."""
    with clinic.app_context():
        load(SHORT)
    return clinic


def only(app: Flask) -> WaitingEntry:
    with app.app_context():
        (found,) = list_entries(statuses=list(EntryStatus)).entries
        return found


def path_of(app: Flask, entry: WaitingEntry) -> str:
    with app.app_context():
        return f"/waitlist/{waitlist_token(entry)}"


def wait(who: int = 1) -> WaitingEntry:
    wish = WaitWish(service="eval", from_date=TUESDAY, to_date=TUESDAY)
    return join_waitlist(wish=wish, patient=person(who), actor=PUBLIC, now=NOW)


def offered(app: Flask) -> tuple[WaitingEntry, Visit]:
    """Pat1 waits and is offered Tuesday at nine, which Pat9 gave back."""
    with app.app_context():
        visit = book("2026-03-03 09:00", who=9)
        entry = wait()
        take_step(public_id=visit.public_id, action=Action.CANCEL, actor=KIM, now=NOW)
        return get_entry(entry.public_id), visit


class TestJoining:
    def test_is_offered_beside_the_times_and_ends_on_a_page_of_its_own(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        with clinic.app_context():
            book("2026-03-03 09:00", who=9)
        page = pages.get("/book/eval?practitioner=okafor&location=main")
        (way,) = [link for link in page.links() if link.startswith(JOIN)]
        page = pages.get(way)
        assert page.form(JOIN).values["practitioner"] == ["okafor"]
        page = pages.submit(FILLED, action=JOIN)
        assert page.h1 == "You are on the waitlist"
        for words in ("Dana Okafor", "March 3, 2026 to March 5, 2026", "Tuesdays, until 5 PM"):
            assert words in page.text
        found = only(clinic)
        assert (found.days, found.windows) == (frozenset({1}), (Window(0, 1020),))
        assert (found.practitioner, found.location, found.given_name) == ("okafor", "main", "Ana")
        assert page.path == path_of(clinic, found)
        pages.get(JOIN)
        page = pages.submit(FILLED, action=JOIN, status=409)
        assert "already an entry" in page.text

    @pytest.mark.parametrize(
        ("changes", "anchor", "sentence"),
        [
            ({"from_day": "soon"}, "from_day", "Enter a day that there is, like 3/14/2026."),
            ({"to_day": "2026-03-01"}, "to_day", "This is before the first date."),
            ({"from_day": "", "to_day": ""}, "from_day", "Enter a day that there is"),
            (
                {"from_day": "2026-02-01", "to_day": "2026-02-02"},
                "to_day",
                "This day is over.",
            ),
            (
                {"from_day": "2026-06-01", "to_day": "2026-06-02"},
                "from_day",
                "We do not plan so far ahead yet.",
            ),
            ({"given_name": ""}, "given_name", "Enter the given name."),
            ({"email": ""}, "email", "Enter an e-mail address or a phone number."),
            ({"birth_date-year": "2020"}, "birth_date", "Under 18 a parent or guardian"),
        ],
    )
    def test_says_at_the_field_what_is_missing_and_keeps_the_rest(
        self,
        clinic: Flask,
        pages: PageClient,
        changes: dict[str, str],
        anchor: str,
        sentence: str,
    ) -> None:
        pages.get(JOIN)
        page = pages.submit({**FILLED, **changes}, action=JOIN, status=422)
        assert any(link.startswith(f"#{anchor}") for link in page.links())
        assert sentence in page.text
        kept = page.form(JOIN).values
        assert kept["family_name"] == ["Beltran"]
        assert kept["parts"] == ["morning", "afternoon"]
        with clinic.app_context():
            assert list_entries(statuses=list(EntryStatus)).entries == ()

    def test_by_video_asks_for_the_state_first(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/book/video/waitlist")
        assert "Where will you be during the video visit?" in page.text
        pages.get("/book/video/waitlist?state=NY")
        values = {name: one for name, one in FILLED.items() if name != "location"}
        page = pages.submit(
            {**values, "zone": "America/Los_Angeles"}, action="/book/video/waitlist"
        )
        assert "By video, in New York" in page.text
        found = only(clinic)
        assert (found.state, found.patient_zone) == ("NY", "America/Los_Angeles")

    def test_is_not_for_what_only_the_phone_books(self, clinic: Flask, pages: PageClient) -> None:
        assert "booked by phone" in pages.get("/book/surgery/waitlist").text
        pages.get("/book/nothing/waitlist", status=404)


class TestEntry:
    def test_shows_the_held_time_and_only_a_button_acts(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        entry, _visit = offered(clinic)
        path = path_of(clinic, entry)
        before = everything_stored(clinic)
        page = pages.get(path)
        assert pages.get(f"{path}/leave").h1 == "Leave the waitlist?"
        assert everything_stored(clinic) == before
        assert page.h1 == "A time is free for you"
        for words in ("Tuesday", "9:00 AM", "Dana Okafor", "Main office", "12:00 PM"):
            assert words in page.text
        pages.get(path)
        page = pages.submit(action=f"{path}/take")
        assert page.h1 == "Your visit"
        assert page.path.startswith("/visits/")
        assert only(clinic).status is EntryStatus.BOOKED
        page = pages.get(path)
        assert page.h1 == "Booked from the waitlist"
        assert any(link.startswith("/visits/") for link in page.links())

    def test_tells_a_time_by_video_by_both_clocks(self, clinic: Flask, pages: PageClient) -> None:
        with clinic.app_context():
            first, _second = (
                book(f"2026-03-03 {at}", service="video", state="NY", who=who)
                for at, who in (("09:00", 8), ("09:30", 9))
            )
            wish = WaitWish(
                service="video",
                from_date=TUESDAY,
                to_date=TUESDAY,
                state="NY",
                patient_zone="America/Los_Angeles",
            )
            entry = join_waitlist(wish=wish, patient=person(1), actor=PUBLIC, now=NOW)
            take_step(public_id=first.public_id, action=Action.CANCEL, actor=KIM, now=NOW)
        page = pages.get(path_of(clinic, entry))
        for words in ("9:00 AM", "Tuesday, March 3, 6:00 AM, Los Angeles", "By video, in New York"):
            assert words in page.text

    def test_lets_a_time_go_and_says_so_when_the_link_is_used_again(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        entry, _visit = offered(clinic)
        path = path_of(clinic, entry)
        form = pages.get(path).form(f"{path}/take")
        page = pages.post(f"{path}/decline", form.values)
        assert page.h1 == "You are on the waitlist"
        assert "You let Tue, Mar 3, 9:00 AM go." in page.text
        page = pages.post(f"{path}/take", form.values, status=409)
        assert page.h1 == "You are on the waitlist"
        pages.post(f"{path}/take", {**form.values, "offer": "x"}, status=404)

    def test_explains_what_nobody_answered_in_time(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        entry, _visit = offered(clinic)
        path = path_of(clinic, entry)
        form = pages.get(path).form(f"{path}/take")
        later = NOW + timedelta(hours=3)
        set_clock(later)
        page = pages.get(path)
        assert page.h1 == "You are on the waitlist", "before the round that takes it back"
        assert "We held Tue, Mar 3, 9:00 AM for you until" in page.text
        assert f"{path}/take" not in page.html
        page = pages.post(f"{path}/take", form.values, status=409)
        assert "We no longer hold that time." in page.text
        assert "You are still on the waitlist" in page.text
        with clinic.app_context():
            tend_waitlist(now=local("2026-03-04 09:00"))
        page = pages.get(path)
        assert page.h1 == "Your wait is over"
        assert "/book/eval/waitlist" in page.links()

    def test_is_left_by_a_button_and_waited_for_again(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        with clinic.app_context():
            entry = wait()
        path = path_of(clinic, entry)
        pages.get(f"{path}/leave")
        page = pages.submit(action=f"{path}/leave")
        assert page.h1 == "You left the waitlist"
        assert {"/book/eval", "/book/eval/waitlist"} <= set(page.links())
        pages.get("/waitlist/nothing", status=404)

    def test_comes_back_to_the_form_after_the_questions_about_danger(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        asked = "/book/screened/waitlist?practitioner=okafor&week=2026-03-09"
        page = pages.get(asked)
        assert page.h1 == "A few safety questions first"
        page = pages.submit(typed(NOTHING), action="/intake/questions")
        assert page.path == asked
        assert page.form("/book/screened/waitlist").values["from_day"] == ["2026-03-09"]


class TestDesk:
    def test_puts_somebody_on_books_and_takes_off(self, clinic: Flask, pages: PageClient) -> None:
        with clinic.app_context():
            first = book("2026-03-04 09:00", who=1)
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        page = desk.get(f"/desk/book?patient={first.patient}&service=eval")
        (way,) = [link for link in page.links() if link.startswith("/desk/waitlist/new")]
        desk.get(way)
        action = "/desk/waitlist/new"
        assert desk.submit({"to_day": "x"}, action=action, status=422).h1.endswith("Pat1 Example")
        values = {"from_day": "2026-03-03", "to_day": "2026-03-03", "parts": ["morning"]}
        page = desk.submit(values, action=action)
        assert "Pat1 Example: on the waitlist." in page.text
        entry = only(clinic)
        assert entry.place[0].date() == NOW.date()
        desk.get("/desk")
        assert "1 on the waitlist" in waiting(desk)
        assert (
            f"/desk/waitlist/{entry.public_id}" in desk.get("/desk/waitlist?service=eval").links()
        )
        assert "Nobody waits" in desk.get("/desk/waitlist?service=night").text
        path = f"/desk/waitlist/{entry.public_id}"
        page = desk.get(path)
        suits = page.text.split("Suits them")[1].split("Other free times")[0]
        assert "Tue, Mar 3, 9:00 AM" in suits
        assert "Thu" not in suits
        desk.submit(action=f"{path}/book", status=422)
        desk.get(path)
        page = desk.submit({"slot": slot("2026-03-03 09:00")}, action=f"{path}/book")
        assert "Pat1 Example: booked." in page.text
        assert only(clinic).status is EntryStatus.BOOKED

    def test_acts_on_what_is_held_and_puts_back_on(self, clinic: Flask, pages: PageClient) -> None:
        entry, visit = offered(clinic)
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        path = f"/desk/waitlist/{entry.public_id}"
        assert "Tue, Mar 3, 9:00 AM" in desk.get("/desk/waitlist?show=offered").text
        page = desk.get(path)
        assert "Held for them" in page.text
        form = page.form(f"{path}/take")
        desk.post(f"{path}/decline", form.values)
        assert "let go by the patient" in desk.get(path).text
        desk.post(f"{path}/take", form.values, status=409)
        desk.get(path)
        page = desk.submit(action=f"{path}/withdraw")
        assert "Pat1 Example: taken off the waitlist." in page.text
        page = desk.submit(action=f"{path}/restore")
        assert "Pat1 Example: on the waitlist." in page.text
        back = only(clinic)
        assert (back.status, back.place) == (EntryStatus.WAITING, entry.place)
        desk.get(path)
        desk.submit(action=f"{path}/withdraw")
        (again,) = [link for link in desk.get(path).links() if "like=" in link]
        desk.get(again)
        desk.submit(action="/desk/waitlist/new")
        with clinic.app_context():
            found = list_patient_entries(patient=entry.patient)
        assert [one.status.value for one in found] == ["waiting", "withdrawn"]
        record = desk.get(f"/desk/patients/{entry.patient}")
        assert {f"/desk/waitlist/{one.public_id}" for one in found} <= set(record.links())
        assert visit.service == "eval"


def slot(text: str) -> str:
    return f"{int(local(text).timestamp())}|okafor|main"
