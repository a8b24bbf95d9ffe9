"""Signing in by code: what opens it, what does not, and that nobody can tell who is known."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.errors import Refusal
from clinic.messaging.models import Message
from clinic.portal.models import PatientSession
from clinic.portal.operations.codes import issue_codes, remove_old_codes
from clinic.portal.operations.sign_in import (
    CodeOver,
    CodeWrong,
    remove_stale_sessions,
    sign_in_with_code,
)
from clinic.web.limits import TooMany
from tests.integration.portal.family import (
    ANA,
    CODE,
    LEO_BORN,
    OVER,
    SIGN_IN,
    WRONG,
    ZOE,
    ask,
    give,
    later,
    other_than,
    rows,
    sent_codes,
    sign_in,
)
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, counted_queries

SetClock = Callable[[datetime], None]
NOBODY = "nobody@example.com"


def sessions(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(PatientSession)) or 0


class TestSigningIn:
    def test_leads_to_ones_own_visits(self, clinic: Flask, pages: PageClient) -> None:
        page = sign_in(clinic, pages)
        assert page.path == "/portal"
        assert "Signed in: Ana Beltran" in page.text
        assert "Tuesday, March 3" in page.text

    def test_leads_to_where_one_wanted_to_go(self, clinic: Flask, pages: PageClient) -> None:
        assert sign_in(clinic, pages, after="/book").path == "/book"

    @pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil"])
    def test_never_leads_elsewhere(self, clinic: Flask, pages: PageClient, wanted: str) -> None:
        assert sign_in(clinic, pages, after=wanted).path == "/portal"

    def test_is_asked_for_by_every_page_of_the_portal(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = pages.get("/portal/people/abcdefghijklmnopqrstuv")
        assert page.path.startswith(f"{SIGN_IN}?next=")

    def test_takes_the_code_as_people_type_it(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)
        code = sent_codes(clinic)[-1]
        assert give(pages, f" {code[:3]}-{code[3:]} ").path == "/portal"

    @pytest.mark.parametrize(
        "code", ["", "12345", "1234567", "abcdef", "\x00", "１２３", "9" * 9000]
    )
    def test_says_what_a_code_looks_like(self, clinic: Flask, pages: PageClient, code: str) -> None:
        ask(pages)
        page = give(pages, code, status=422)
        assert "Enter the six digits from the e-mail." in page.text
        assert rows(clinic)[0].attempts == 0

    @pytest.mark.parametrize("email", ["", "x", "a@", "\x00@example.com", "a" * 9000])
    def test_says_what_an_address_looks_like(
        self, clinic: Flask, pages: PageClient, email: str
    ) -> None:
        page = ask(pages, email, status=422)
        assert page.title.startswith("Error: ")
        assert rows(clinic) == []

    def test_needs_the_birth_date_too(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)
        code = sent_codes(clinic)[-1]
        assert WRONG in give(pages, code, date(1984, 3, 15), status=422).text
        assert give(pages, code).path == "/portal"

    def test_keeps_no_address_once_it_is_done(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        assert rows(clinic)[0].email is None


class TestCode:
    def test_works_once(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)
        code, row = sent_codes(clinic)[-1], rows(clinic)[-1]
        give(pages, code)
        with clinic.app_context(), pytest.raises(CodeOver):
            sign_in_with_code(public_id=row.public_id, code=code, birth_date=ANA[1], now=NOW)
        assert sessions(clinic) == 1

    def test_ends_with_a_newer_one(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)
        [old] = sent_codes(clinic)
        again = PageClient(clinic)
        ask(again, "ANA@example.com")
        assert OVER in give(pages, old, status=422).text
        assert give(again, sent_codes(clinic)[-1]).path == "/portal"

    def test_lives_ten_minutes(self, clinic: Flask, pages: PageClient, set_clock: SetClock) -> None:
        ask(pages)
        code = sent_codes(clinic)[-1]
        set_clock(later(minutes=10))
        assert OVER in give(pages, code, status=422).text

    def test_works_only_in_the_browser_that_asked(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)
        code = sent_codes(clinic)[-1]
        thief = PageClient(clinic)
        thief.get(CODE)
        assert thief.page.path.startswith(SIGN_IN)
        assert "Ask for a code here first." in thief.page.text
        ask(thief, ZOE[0])
        assert WRONG in give(thief, code, status=422).text

    def test_of_another_address_opens_nothing(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages, ZOE[0])
        [code] = sent_codes(clinic)
        # Zoe's code is right, and Ana's birth date is not Zoe's.
        assert WRONG in give(pages, code, ANA[1], status=422).text

    def test_can_be_tried_five_times(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)
        code = sent_codes(clinic)[-1]
        for _ in range(5):
            assert WRONG in give(pages, other_than(code), status=422).text
        assert OVER in give(pages, code, status=422).text
        assert sessions(clinic) == 0

    def test_is_nowhere_to_be_read(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)
        [code], [row] = sent_codes(clinic), rows(clinic)
        assert code not in str(vars(row))
        assert ANA[0] not in str({k: v for k, v in vars(row).items() if k != "email"})

    @pytest.mark.usefixtures("unhurried")
    def test_is_made_once_by_many_workers(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)

        def work(_number: int) -> None:
            with clinic.app_context():
                issue_codes(now=NOW)

        with ThreadPoolExecutor(4) as workers:
            list(workers.map(work, range(4)))
        assert len(sent_codes(clinic)) == 1

    @pytest.mark.usefixtures("unhurried")
    def test_lets_one_of_two_in_at_the_same_moment(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)
        code, row = sent_codes(clinic)[-1], rows(clinic)[-1]

        def enter(_number: int) -> str:
            with clinic.app_context():
                try:
                    return sign_in_with_code(
                        public_id=row.public_id, code=code, birth_date=ANA[1], now=NOW
                    )
                except Refusal as refusal:
                    return refusal.code

        with ThreadPoolExecutor(4) as people:
            came = list(people.map(enter, range(4)))
        assert came.count("code-over") == 3
        assert sessions(clinic) == 1

    def test_is_forgotten_when_it_is_old(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)
        with clinic.app_context():
            remove_old_codes(now=later(minutes=9))
            assert len(rows(clinic)) == 1
            remove_old_codes(now=later(minutes=10))
        assert rows(clinic) == []


class TestStrangers:
    def test_learn_nothing_from_the_page(self, clinic: Flask) -> None:
        seen = []
        for email in (ANA[0], NOBODY):
            pages = PageClient(clinic)
            pages.get(SIGN_IN)
            form = pages.page.form(SIGN_IN)
            asked = pages.client.post(SIGN_IN, data={**form.values, "email": email})
            page = pages.get(CODE)
            sent_codes(clinic)
            tried = give(pages, "000000", status=422)
            seen.append((asked.status_code, asked.text, _plain(page.html), _plain(tried.html)))
        assert seen[0] == seen[1]

    def test_learn_nothing_from_the_time(self, clinic: Flask) -> None:
        """The database is asked the very same for both: there is nothing that could take longer."""
        asked = []
        for email in (ANA[0], NOBODY):
            pages = PageClient(clinic)
            pages.get(SIGN_IN)
            with counted_queries(clinic) as statements:
                pages.submit({"email": email}, action=SIGN_IN)
            sent_codes(clinic)
            with counted_queries(clinic) as more:
                give(pages, "000000", status=422)
            asked.append([*statements, *more])
        assert asked[0] == asked[1]

    def test_get_no_mail(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages, NOBODY)
        assert sent_codes(clinic) == []

    def test_are_limited_over_many_addresses(self, clinic: Flask) -> None:
        for number in range(50):
            ask(PageClient(clinic), f"someone{number}@example.com")
        page = ask(PageClient(clinic), "another@example.com", status=429)
        assert page.status == TooMany.status

    def test_are_limited_in_trying_over_many_codes(self, clinic: Flask) -> None:
        status = 422
        for number in range(11):
            pages = PageClient(clinic)
            ask(pages, f"someone{number}@example.com")
            for _ in range(5):
                status = give_any(pages, "123456")
        assert status == 429

    def test_cannot_ask_for_one_address_without_end(self, clinic: Flask) -> None:
        for _ in range(5):
            ask(PageClient(clinic))
        ask(PageClient(clinic), status=429)
        ask(PageClient(clinic), NOBODY)

    def test_leave_a_trace(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages, NOBODY)
        give(pages, "123456", status=422)
        with clinic.app_context():
            wanted = select(AuditEntry).where(AuditEntry.action == "patient.sign-in-failed")
            assert len(list(db.session.scalars(wanted))) == 1

    def test_cannot_have_mail_sent_to_an_address_of_their_own(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        ask(pages, "ANA@EXAMPLE.COM")
        sent_codes(clinic)
        with clinic.app_context():
            codes = select(Message).where(Message.kind == "sign-in-code")
            message = db.session.scalars(codes).one()
            assert '"email":"ana@example.com"' in (message.recipient or "")


class TestSession:
    def test_is_a_new_one_at_every_sign_in(self, clinic: Flask, pages: PageClient) -> None:
        pages.client.set_cookie("patient", "chosen-by-somebody-else")
        sign_in(clinic, pages)
        first = pages.client.get_cookie("patient")
        assert first is not None
        assert first.value != "chosen-by-somebody-else"
        assert first.http_only
        assert first.same_site == "Lax"

    def test_ends_for_good_with_signing_out(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        cookie = pages.client.get_cookie("patient")
        assert cookie is not None
        assert pages.submit(action="/portal/sign-out").path == SIGN_IN
        assert sessions(clinic) == 0
        thief = PageClient(clinic)
        thief.client.set_cookie("patient", cookie.value)
        assert thief.get("/portal").path.startswith(SIGN_IN)

    def test_ends_everywhere_at_once(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        phone = PageClient(clinic)
        sign_in(clinic, phone)
        strangers = PageClient(clinic)
        sign_in(clinic, strangers, ZOE)
        phone.submit(action="/portal/sign-out-everywhere")
        assert pages.get("/portal").path.startswith(SIGN_IN)
        assert strangers.get("/portal").path == "/portal"

    def test_ends_after_half_an_hour_without_use(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock
    ) -> None:
        sign_in(clinic, pages)
        for minutes in (29, 58):
            set_clock(later(minutes=minutes))
            assert pages.get("/portal").path == "/portal"
        form = pages.get("/portal/contact").form("/portal/contact")
        set_clock(later(minutes=88))
        page = pages.get("/portal")
        assert page.path == f"{SIGN_IN}?why=ended&next=%2Fportal"
        assert "You were signed out." in page.text
        page = pages.post("/portal/contact", form.values)
        assert page.path == f"{SIGN_IN}?why=unsaved&next=%2Fportal%2Fcontact"
        assert "You were signed out before that could be saved." in page.text

    def test_ends_after_twelve_hours_of_use(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock
    ) -> None:
        sign_in(clinic, pages)
        for minutes in range(20, 12 * 60, 20):
            set_clock(later(minutes=minutes))
            pages.client.get("/portal")
        assert pages.get("/portal").path == "/portal"
        set_clock(later(hours=12))
        assert pages.get("/portal").path.startswith(SIGN_IN)
        with clinic.app_context():
            remove_stale_sessions(now=later(hours=12))
        assert sessions(clinic) == 0

    def test_has_a_cookie_apart_from_staffs(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        cookie = pages.client.get_cookie("patient")
        assert cookie is not None
        pages.client.set_cookie("staff", cookie.value)
        assert pages.get("/desk").path.startswith("/sign-in")

    def test_is_refused_to_a_minor(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages)
        assert WRONG in give(pages, sent_codes(clinic)[-1], LEO_BORN, status=422).text

    def test_wrong_words_do_not_say_which(self) -> None:
        assert CodeWrong.message == WRONG


def give_any(pages: PageClient, code: str) -> int:
    form = pages.page.form(CODE)
    born = {"birth_date-day": "1", "birth_date-month": "1", "birth_date-year": "1980"}
    answer = pages.client.post(CODE, data={**form.values, "code": code, **born})
    return answer.status_code


def _plain(html: str) -> str:
    """A page without the proof that its form came from it."""
    head, *rest = html.split('name="csrf_token" value="')
    return head + "".join(part.partition('"')[2] for part in rest)
