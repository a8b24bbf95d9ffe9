"""A practitioner is ill: who is stranded, moved or cancelled in one go, and told."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.errors import Busy, Refusal
from clinic.core.values import Role
from clinic.desk.operations.away import Choice, clear_day
from clinic.messaging.models import Message
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.queries.visits import Visit, get_visit
from tests.integration.desk.test_today import sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, book, local

MONDAY = local("2026-03-02 11:00")


@pytest.fixture
def desk(clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]) -> PageClient:
    """The front desk, signed in, on Monday at eleven: Santos comes at noon, Okafor is ill."""
    set_clock(MONDAY)
    return sign_in(clinic, pages, Role.FRONT_DESK)


@pytest.fixture
def stranded(clinic: Flask) -> list[Visit]:
    """Okafor's visits at one, two and three; Santos is taken at two."""
    with clinic.app_context():
        book("2026-03-02 14:00", who=9, practitioner="santos")
        return [book(f"2026-03-02 {hour}:00", who=who) for who, hour in ((1, 13), (2, 14), (3, 15))]


def stands(app: Flask, visit: Visit) -> tuple[str, str, str]:
    with app.app_context():
        found = get_visit(visit.public_id)
    return found.status, found.practitioner, found.local.strftime("%a %H:%M")


class TestAway:
    def test_proposes_the_nearest_time_to_each_and_none_twice(
        self, desk: PageClient, stranded: list[Visit]
    ) -> None:
        text = desk.get("/desk/away?practitioner=okafor&date=2026-03-02").text
        assert desk.page.h1 == "Dana Okafor is away on Monday, March 2"
        assert "Move to Mon, Mar 2, 1:00 PM, Santos" in text  # the very time, with somebody else
        assert text.count("Move to Mon, Mar 2, 3:00 PM, Santos") == 1

    def test_moves_and_cancels_in_one_go_and_blocks_the_day(
        self, clinic: Flask, desk: PageClient, stranded: list[Visit]
    ) -> None:
        one, two, three = stranded
        desk.get("/desk/away?practitioner=okafor&date=2026-03-02")
        values = {f"do-{two.public_id}": "1|cancel", f"do-{three.public_id}": "1|leave"}
        desk.submit({**values, "reason": "Okafor is ill"}, action="/desk/away")
        assert "2 visits done." in desk.page.text
        assert stands(clinic, one) == ("booked", "santos", "Mon 13:00")
        assert stands(clinic, two)[0] == "cancelled"
        assert stands(clinic, three) == ("booked", "okafor", "Mon 15:00")
        with clinic.app_context():
            kinds = db.session.scalars(select(Message.kind).order_by(Message.id)).all()
            assert sorted(kinds[-2:]) == ["visit-cancelled", "visit-moved"]
            with pytest.raises(SlotTaken):
                book("2026-03-02 16:00", who=12, now=MONDAY)
        desk.get("/desk/calendar")
        assert "Away" in desk.page.text

    def test_begins_nothing_more_when_its_time_is_up_and_goes_on_when_asked_again(
        self, clinic: Flask, desk: PageClient, stranded: list[Visit]
    ) -> None:
        def clear(seconds: float) -> list[type[Refusal] | None]:
            done = clear_day(
                practitioner="okafor",
                day=MONDAY.date(),
                zone=stranded[0].zone,
                choices=[Choice(one.public_id, 1) for one in stranded],
                reason="Okafor is ill",
                actor=KIM,
                now=MONDAY,
                begins_within=seconds,
            )
            return [type(one.refusal) if one.refusal else None for one in done]

        with clinic.app_context():
            assert clear(0) == [Busy] * 3
            assert {stands(clinic, one)[0] for one in stranded} == {"booked"}
            assert clear(60) == [None] * 3
            assert {stands(clinic, one)[0] for one in stranded} == {"cancelled"}

    def test_goes_on_with_the_others_when_somebody_changed_one(
        self, clinic: Flask, desk: PageClient, stranded: list[Visit]
    ) -> None:
        desk.get("/desk/away?practitioner=okafor&date=2026-03-02")
        values = {f"do-{one.public_id}": "7|cancel" for one in stranded[:1]}
        values |= {f"do-{one.public_id}": "1|cancel" for one in stranded[1:]}
        desk.submit(values, action="/desk/away", status=409)
        assert "Somebody changed this visit meanwhile." in desk.page.text
        assert [stands(clinic, one)[0] for one in stranded] == ["booked", "cancelled", "cancelled"]
        # what is left can be done again, and the day is blocked once
        desk.submit({f"do-{stranded[0].public_id}": "1|cancel"}, action="/desk/away")
        assert "No booked visit stands in this day." in desk.page.text

    def test_knows_its_people_only(self, desk: PageClient) -> None:
        desk.get("/desk/away?practitioner=nobody", status=404)
        desk.get("/desk/away?date=9999-99-99")
