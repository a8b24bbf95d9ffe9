"""A forgotten password: a link for who works here, and nothing to learn for who does not."""

import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.audit import AuditEntry
from clinic.core.clock import now
from clinic.core.crypto import keyring
from clinic.core.db import db
from clinic.core.values import SYSTEM, Role
from clinic.messaging.models import Message
from clinic.people.models import ResetRequest, SetupLink
from clinic.people.operations import RESET_LASTS, answer_resets, ask_reset, create_staff
from clinic.people.queries import find_account_of_link
from tests.integration.people.accounts import EMAIL, NOW, PASSWORD, make_staff, sign_in
from tests.support.page_client import PageClient

PAGE = "/sign-in/forgotten"


def asked(pages: PageClient, email: str) -> str:
    pages.get(PAGE)
    return pages.submit({"email": email}, action=PAGE).html


def links(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SetupLink)) or 0


class TestPage:
    def test_says_the_same_to_everybody(self, app: Flask, pages: PageClient) -> None:
        """ASVS 6.3.8: whether somebody has an account is not told."""
        make_staff(app)
        told = {
            asked(pages, email) for email in (EMAIL, "nobody@example.com", "no address", "\x00")
        }
        assert len(told) == 1

    def test_does_the_same_for_everybody(self, app: Flask, pages: PageClient) -> None:
        """The page writes one row whoever asks; whose address it is, is looked up later."""
        make_staff(app)
        for email in (EMAIL, "nobody@example.com"):
            asked(pages, email)
        with app.app_context():
            rows = db.session.scalars(select(ResetRequest).order_by(ResetRequest.id)).all()
            assert [row.email for row in rows] == [EMAIL, "nobody@example.com"]
            assert not any(EMAIL in row.email_sealed for row in rows)
            assert db.session.scalars(select(Message)).all() == []

    def test_sends_no_more_than_three_an_hour_and_does_not_tell(
        self, app: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(now())
        told = {asked(pages, EMAIL) for _ in range(5)}
        assert len(told) == 1
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(ResetRequest)) == 3

    def test_refuses_a_network_that_asks_for_many(
        self, app: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(now())
        for number in range(10):
            asked(pages, f"p{number}@example.com")
        pages.get(PAGE)
        pages.submit({"email": EMAIL}, action=PAGE, status=429)

    def test_asks_for_an_address(self, pages: PageClient) -> None:
        pages.get(PAGE)
        page = pages.submit({"email": ""}, action=PAGE, status=422)
        assert "Enter your e-mail address." in page.text


class TestAnswerResets:
    def test_sends_a_link_to_those_who_work_here(self, app: Flask) -> None:
        make_staff(app)
        with app.app_context():
            for email in (EMAIL.upper(), "nobody@example.com"):
                ask_reset(email=email, now=NOW)
            answer_resets(now=NOW)
            assert db.session.scalars(select(Message.kind)).all() == ["staff-reset"]
            assert db.session.scalars(select(ResetRequest)).all() == []
            entries = db.session.scalars(select(AuditEntry.action)).all()
            assert list(entries).count("staff.reset-asked") == 2

    def test_leaves_an_invitation_as_it_is(self, in_app: Flask) -> None:
        """Who asks for resets of others cannot end their invitation."""
        link = create_staff(email=EMAIL, name="A", role=Role.ADMIN, actor=SYSTEM, now=NOW)
        ask_reset(email=EMAIL, now=NOW)
        answer_resets(now=NOW)
        assert find_account_of_link(token=link, now=NOW + timedelta(hours=70)) is not None

    def test_gives_links_for_an_hour(self, in_app: Flask) -> None:
        make_staff(in_app)
        ask_reset(email=EMAIL, now=NOW)
        answer_resets(now=NOW)
        ends = db.session.scalars(select(SetupLink.expires_at)).all()
        assert ends == [NOW + RESET_LASTS]
        assert keyring().active


class TestEnumeration:
    def test_takes_as_long_for_nobody_as_for_somebody(self, app: Flask, pages: PageClient) -> None:
        """ASVS 6.3.8: compared over many samples taken in turn, so that load falls on both.

        A difference that can be measured would put nearly all samples of one kind above the
        other's; for equal times the share is about a half.
        """
        make_staff(app)
        times: dict[str, list[float]] = {EMAIL: [], "nobody@example.com": []}
        with app.app_context():
            for _ in range(100):
                for email, taken in times.items():
                    began = time.perf_counter()
                    ask_reset(email=email, now=NOW)
                    taken.append(time.perf_counter() - began)
        assert 0.3 < share_above(*times.values()) < 0.7

    def test_takes_as_long_to_refuse_either(self, app: Flask) -> None:
        """ASVS 6.3.8, for the password."""
        from clinic.people.operations import SignInFailed
        from clinic.people.operations import sign_in as try_in

        make_staff(app)
        times: dict[str, list[float]] = {EMAIL: [], "nobody@example.com": []}
        with app.app_context():
            for _ in range(40):
                for email, taken in times.items():
                    began = time.thread_time()
                    with pytest.raises(SignInFailed):
                        try_in(email=email, password="wrong", now=NOW)
                    taken.append(time.thread_time() - began)
        known, unknown = (statistics.median(taken) for taken in times.values())
        assert 0.8 < known / unknown < 1.25


def share_above(ours: list[float], theirs: list[float]) -> float:
    """The share of pairs in which ours is the larger (Mann and Whitney's U over all pairs)."""
    return sum(one > other for one in ours for other in theirs) / (len(ours) * len(theirs))


class TestLockOut:
    def test_by_strangers_does_not_keep_the_owner_out(
        self, app: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(now())
        make_staff(app)
        sign_in(pages)
        pages.client.delete_cookie("staff")
        stranger = PageClient(app)
        stranger.get("/sign-in")
        form = stranger.page.form()
        data = {**form.values, "email": EMAIL, "password": "wrong"}
        statuses = [stranger.client.post("/sign-in", data=data).status_code for _ in range(12)]
        assert statuses == [422] * 10 + [429] * 2
        sign_in(pages, password=PASSWORD)

    def test_counts_all_networks_together(
        self, make_app: Callable[..., Flask], set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(now())
        app = make_app(TRUSTED_PROXIES="1")
        make_staff(app)
        stranger = PageClient(app)
        stranger.get("/sign-in")
        data = {**stranger.page.form().values, "email": EMAIL, "password": "wrong"}
        statuses = [
            stranger.client.post(
                "/sign-in", data=data, headers={"X-Forwarded-For": f"203.0.113.{number}"}
            ).status_code
            for number in range(42)
        ]
        assert statuses == [422] * 40 + [429] * 2

    def test_does_not_believe_a_made_up_browser(
        self, app: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(now())
        make_staff(app)
        for number in range(10):
            pages.client.set_cookie("known", f"{'a' * 21}{number}.{'0' * 32}")
            pages.get("/sign-in")
            pages.submit({"email": EMAIL, "password": "wrong"}, action="/sign-in", status=422)
        pages.get("/sign-in")
        pages.submit({"email": EMAIL, "password": PASSWORD}, action="/sign-in", status=429)

    def test_counts_links_that_open_nothing(
        self, app: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(now())
        statuses = [pages.client.get(f"/set-up/x{number}").status_code for number in range(31)]
        assert statuses == [410] * 30 + [429]
        assert links(app) == 0
