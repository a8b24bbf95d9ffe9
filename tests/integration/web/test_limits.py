"""Counting calls in the database."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.web.access import public
from clinic.web.limits import (
    TooMany,
    give_back,
    limit,
    limit_booking,
    network_of,
    remove_old_counts,
)
from clinic.web.models import RateCount
from tests.integration.people.accounts import make_token

NOW = datetime(2026, 11, 22, 15, 0, 10, tzinfo=UTC)


def call(who: str = "a", *, at: datetime = NOW, name: str = "try", at_most: int = 3) -> None:
    limit(name=name, who=who, at_most=at_most, now=at)


@pytest.mark.usefixtures("in_app")
class TestLimit:
    def test_refuses_one_too_many(self) -> None:
        for _ in range(3):
            call()
        with pytest.raises(TooMany) as caught:
            call()
        assert caught.value.retry_after_seconds == 50

    def test_counts_each_caller_and_purpose_apart(self) -> None:
        for who in "abc":
            for name in ("one", "two"):
                for _ in range(3):
                    call(who, name=name)

    def test_begins_again_with_the_next_window(self) -> None:
        for _ in range(3):
            call()
        call(at=NOW + timedelta(seconds=50))

    def test_forgets_what_is_given_back(self) -> None:
        for _ in range(10):
            call()
            give_back(name="try", who="a", now=NOW)

    def test_never_owes_anybody_calls(self) -> None:
        for _ in range(5):
            give_back(name="try", who="a", now=NOW)
        for _ in range(3):
            call()
        with pytest.raises(TooMany):
            call()

    def test_keeps_no_address(self) -> None:
        call("203.0.113.9")
        [bucket] = db.session.scalars(select(RateCount.bucket))
        assert bucket.startswith("try:")
        assert "203.0.113.9" not in bucket

    @pytest.mark.usefixtures("unhurried")
    def test_counts_every_one_of_a_crowd(self, in_app: Flask) -> None:
        refused = []

        def run() -> None:
            with in_app.app_context():
                for _ in range(5):
                    try:
                        call(at_most=30)
                    except TooMany:
                        refused.append(1)

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 10

    def test_is_cleared_away_when_its_window_is_over(self) -> None:
        call()
        remove_old_counts(now=NOW + timedelta(seconds=49))
        assert db.session.scalar(select(func.count()).select_from(RateCount)) == 1
        remove_old_counts(now=NOW + timedelta(seconds=50))
        assert db.session.scalar(select(func.count()).select_from(RateCount)) == 0


class TestLimitBooking:
    def house(self, app: Flask) -> Flask:
        @app.post("/api/v1/try")
        @public
        def book() -> ResponseReturnValue:
            limit_booking()
            return jsonify(ok=True)

        return app

    def test_lets_an_address_book_so_often_a_minute(
        self, make_app: Callable[..., Flask], set_clock: Callable[[datetime], None]
    ) -> None:
        app = self.house(make_app(RATE_LIMIT_BOOKING="2"))
        set_clock(NOW)
        client = app.test_client()
        answers = [client.post("/api/v1/try") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].headers["Retry-After"] == "50"
        assert answers[2].get_json()["type"].endswith("/too-many-requests")
        other = client.post("/api/v1/try", environ_base={"REMOTE_ADDR": "203.0.113.9"})
        assert other.status_code == 200
        token = {"Authorization": f"Bearer {make_token(app)}"}
        assert client.post("/api/v1/try", headers=token).status_code == 200

    def test_is_off_where_the_settings_say_so(self, app: Flask) -> None:
        client = self.house(app).test_client()
        assert {client.post("/api/v1/try").status_code for _ in range(40)} == {200}


class TestNetworkOf:
    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("203.0.113.9", "203.0.113.9"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("fe80::1%eth0", "fe80::/64"),
            ("unknown", "unknown"),
        ],
    )
    def test_is_what_one_caller_can_choose_from(self, address: str, network: str) -> None:
        assert network_of(address) == network
