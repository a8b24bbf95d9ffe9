"""The demo clinic on a real database, made by the real operations."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core import audit
from clinic.core.db import db
from clinic.people.models import Guardian
from clinic.people.operations import sign_in
from clinic.scheduling.models import Appointment, Claim, Occurrence
from clinic.scheduling.queries.waitlist import count_waiting
from clinic.setup.commands import demo
from clinic.setup.demo.loading import load_demo
from clinic.setup.demo.people import PASSWORD, STAFF

NOW = datetime(2026, 11, 23, 15, 42, 30, 5, tzinfo=UTC)  # Monday, 10:42 in New York


class TestLoadDemo:
    @pytest.mark.usefixtures("in_app")
    def test_makes_three_weeks_with_today_in_every_state_and_does_so_once(self) -> None:
        made = load_demo(now=NOW)
        assert made is not None
        assert made.visits > 200
        assert made.left_out < made.visits / 10
        assert set(_statuses(NOW - timedelta(days=9), NOW)) >= {"fulfilled", "cancelled", "noshow"}
        morning = NOW.replace(hour=5, minute=0)
        today = _statuses(morning, morning + timedelta(days=1))
        assert set(today) >= {"booked", "checked-in", "fulfilled"}
        assert set(_statuses(NOW + timedelta(days=1), NOW + timedelta(days=15))) == {
            "booked",
            "cancelled",
        }
        overbooked = select(func.count()).select_from(Claim).where(Claim.overbooked)
        assert db.session.scalar(overbooked)
        assert audit.verify(now=NOW + timedelta(hours=1)).fault is None
        for one in STAFF:
            assert sign_in(email=one.email, password=PASSWORD, now=NOW).token
        wanted = select(Guardian.name, Guardian.confirmed_at.is_not(None)).order_by(Guardian.id)
        assert [tuple(row) for row in db.session.execute(wanted)] == [
            ("Nora Sample", True),
            ("Nora Sample", True),
            ("Walter Sample", True),
            ("Walter Sample", False),
        ]
        assert count_waiting().waiting + count_waiting().offered >= 4
        assert load_demo(now=NOW) is None
        assert db.session.scalar(select(func.count()).select_from(Appointment)) == made.visits + 1


def _statuses(since: datetime, until: datetime) -> dict[str, int]:
    rows = (
        select(Appointment.status, func.count())
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .where(Occurrence.starts_at >= since, Occurrence.starts_at < until)
        .group_by(Appointment.status)
    )
    return {row[0]: row[1] for row in db.session.execute(rows)}


class TestDemoCommand:
    def test_is_refused_in_production(self, app: Flask) -> None:
        # The rest of production's demands are beside the point: only the name counts here.
        object.__setattr__(app.config["CLINIC"], "env", "production")
        result = app.test_cli_runner().invoke(demo, ["load"])
        assert result.exit_code == 1
        assert "never loaded in production" in result.stderr
