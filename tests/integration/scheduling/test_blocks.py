"""Blocked time keeps visits out by the one rule; a visit can be made longer or shorter."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.errors import Forbidden, Invalid
from clinic.core.values import PUBLIC
from clinic.scheduling.models import Appointment, Claim
from clinic.scheduling.operations.blocks import block_time, unblock_time
from clinic.scheduling.operations.expiry import remove_past
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.refusals import NotOffered, SlotTaken, VisitsInTheWay
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.blocks import list_blocks
from clinic.scheduling.queries.diary import load_diary
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.slots import find_alternatives
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.status import Action
from tests.support.page_clinic import KIM, NOW, book, load, local


@pytest.fixture(autouse=True)
def clinic(in_app: Flask) -> None:
    load()


def at(clock: str) -> datetime:
    return local(f"2026-03-03 {clock}")


def lunch(begins: str = "12:00", ends: str = "13:00", **more: bool) -> str:
    return block_time(
        resource="okafor",
        starts_at=at(begins),
        ends_at=at(ends),
        kind="lunch",
        actor=KIM,
        now=NOW,
        **more,
    )


def staff_query() -> Query:
    return Query(
        setting=get_setting(),
        service="eval",
        practitioner="okafor",
        now=int(NOW.timestamp()),
        staff=True,
    )


def next_free(clock: str) -> str:
    start = at(clock)
    (slot,) = find_alternatives(
        query=staff_query(), day=start.date(), not_before=int(start.timestamp()), now=NOW, limit=1
    )
    return (NOW + timedelta(seconds=slot.start - int(NOW.timestamp()))).isoformat()


def busy_without(visit: Visit) -> int:
    """How many spans are taken on that day for somebody who moves the visit."""
    own = select(Appointment.occurrence_id).where(Appointment.public_id == visit.public_id)
    moved = db.session.scalars(own).one()
    day = at("00:00").date()
    diary = load_diary(query=staff_query(), from_date=day, to_date=day, now=NOW, without=(moved,))
    return sum(len(spans) for spans in diary.busy.values())


def move(visit: Visit, *, version: int = 1, **change: object) -> Visit:
    wanted = Change(version=version, **change)  # type: ignore[arg-type]
    return move_appointment(public_id=visit.public_id, change=wanted, actor=KIM, now=NOW)


class TestBlockTime:
    def test_stands_in_the_way_of_a_visit_that_is_being_moved(self) -> None:
        visit = book("2026-03-03 10:00")
        assert busy_without(visit) == 0
        lunch()
        assert busy_without(visit) == 1

    def test_keeps_visits_out_until_it_is_given_back(self) -> None:
        block = lunch()
        for start in ("2026-03-03 11:30", "2026-03-03 12:00", "2026-03-03 12:30"):
            with pytest.raises(SlotTaken):
                book(start)
        assert next_free("11:30") == at("13:00").isoformat()
        book("2026-03-03 13:00", who=2)
        unblock_time(public_id=block, actor=KIM, now=NOW)
        unblock_time(public_id=block, actor=KIM, now=NOW)
        book("2026-03-03 12:00", who=3)
        assert list_blocks(starts_at=at("00:00"), ends_at=at("23:59")) == ()

    def test_does_not_go_over_a_visit_or_another_block(self) -> None:
        book("2026-03-03 12:30")
        with pytest.raises(VisitsInTheWay):
            lunch()
        lunch("09:00", "10:00")
        with pytest.raises(VisitsInTheWay):
            lunch("09:30", "10:30")
        assert len(list_blocks(starts_at=at("00:00"), ends_at=at("23:59"))) == 1

    def test_beside_visits_lets_them_stand_and_nothing_new_come(self) -> None:
        ten = book("2026-03-03 10:00")
        lunch("09:00", "17:00", beside_visits=True)
        with pytest.raises(SlotTaken):
            book("2026-03-03 13:00", who=2)
        take_step(public_id=ten.public_id, action=Action.CANCEL, actor=KIM, now=NOW, reason="ill")
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", who=2)
        assert book("2026-03-03 10:00", who=2, reason="he came back").override_reason

    def test_refuses_what_is_no_time_of_ours(self) -> None:
        for more in (
            {"resource": "nobody"},
            {"ends_at": at("12:00")},
            {"ends_at": at("12:00") + timedelta(days=40)},
            {"kind": "holiday"},
        ):
            with pytest.raises(Invalid):
                block_time(
                    **{
                        "resource": "okafor",
                        "starts_at": at("12:00"),
                        "ends_at": at("13:00"),
                        "kind": "lunch",
                        "actor": KIM,
                        "now": NOW,
                        **more,
                    }  # type: ignore[arg-type]
                )
        with pytest.raises(Forbidden):
            block_time(
                resource="okafor",
                starts_at=at("12:00"),
                ends_at=at("13:00"),
                kind="lunch",
                actor=PUBLIC,
                now=NOW,
            )

    def test_outlives_its_claims(self) -> None:
        lunch()
        remove_past(now=NOW + timedelta(days=9))
        assert db.session.scalar(select(func.count()).select_from(Claim)) == 0
        assert len(list_blocks(starts_at=at("00:00"), ends_at=at("23:59"))) == 1


class TestStretching:
    def test_makes_a_visit_longer_and_keeps_it_so(self) -> None:
        visit = book("2026-03-03 10:00")
        longer = move(visit, minutes=90)
        assert (longer.minutes, longer.ends_at) == (90, at("11:30"))
        with pytest.raises(SlotTaken):
            book("2026-03-03 11:00", who=2)
        moved = move(longer, version=2, starts_at=at("14:00"))
        assert (moved.minutes, moved.ends_at) == (90, at("15:30"))
        assert move(moved, version=3, minutes=30).ends_at == at("14:30")

    def test_stops_at_the_next_visit_and_at_closing(self) -> None:
        visit, _ = book("2026-03-03 10:00"), book("2026-03-03 11:00", who=2)
        with pytest.raises(SlotTaken):
            move(visit, minutes=75)
        last = book("2026-03-03 16:00", who=3)
        with pytest.raises(NotOffered):
            move(last, minutes=90)
        assert move(last, minutes=90, override_reason="she needs it").minutes == 90
        with pytest.raises(Invalid):
            move(visit, minutes=0)
