"""The waitlist: joining it, taking what is offered, leaving it, on both engines."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.errors import Invalid, NotFound
from clinic.core.values import PUBLIC
from clinic.desk.operations.merging import merge_patients, stand_as, undo_merge
from clinic.people.queries import get_patient
from clinic.scheduling.models import Claim, Hold, WaitlistOffer
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.expiry import remove_expired_holds, remove_old_holds
from clinic.scheduling.operations.refusals import (
    AlreadyWaiting,
    LimitReached,
    NotLicensed,
    NotOffered,
    OfferOver,
    PatientBusy,
    ScreeningNeeded,
    SlotTaken,
    TooFar,
    TooSoon,
    WrongEntryState,
)
from clinic.scheduling.operations.waitlist import (
    book_for_entry,
    decline_offer,
    restore_entry,
    take_offer,
    withdraw_entry,
)
from clinic.scheduling.operations.waitlist.rounds import offer_free_times, tend_waitlist
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.links import LinkUnknown, get_entry_by_token, waitlist_token
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.queries.waitlist import (
    count_waiting,
    find_later_visit,
    get_entry,
    list_entries,
    list_entry_steps,
    list_offers,
)
from clinic.scheduling.rules.waitlist import EntryStatus, OfferStatus, Window
from tests.integration.scheduling.a_clinic import CLINIC, FRONT_DESK, NOW, book, load, local, person
from tests.integration.scheduling.waitlist_ground import (
    NINE,
    SHORT,
    WEDNESDAY,
    cancel,
    fill,
    join,
    kinds,
    offer_of,
    offered,
    statuses,
    take,
)


@pytest.fixture
def clinic(in_app: Flask) -> Flask:
    """Tuesday is full: P has 9:00 taken by the tenth person, Q by the eleventh."""
    load(SHORT)
    return in_app


class TestJoin:
    def test_waits_and_says_so(self, clinic: Flask) -> None:
        fill()
        entry = join(days=frozenset({1}), windows=(Window(540, 720),), practitioner="p")
        assert (entry.status, entry.offer, entry.zone) == ("waiting", None, "America/New_York")
        assert (entry.days, entry.windows) == (frozenset({1}), (Window(540, 720),))
        assert kinds()[-1] == "waitlist-joined"
        assert get_entry_by_token(waitlist_token(entry)) == entry
        with pytest.raises(LinkUnknown):
            get_entry_by_token(entry.public_id + "x" * 22)
        assert [one.step for one in list_entry_steps(entry.public_id)] == ["joined"]
        told = db.session.scalars(select(AuditEntry.action)).all()
        assert "waitlist.joined" in told

    def test_is_once_for_a_patient_and_a_service(self, clinic: Flask) -> None:
        fill()
        first = join()
        with pytest.raises(AlreadyWaiting):
            join(to_date=WEDNESDAY)
        join(service="fu")
        join(2)
        withdraw_entry(public_id=first.public_id, actor=PUBLIC, now=NOW)
        assert join().status is EntryStatus.WAITING

    def test_refuses_what_nobody_can_wait_for(self, clinic: Flask) -> None:
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"service": "none"}, "service"),
            ({"practitioner": "none"}, "practitioner"),
            ({"location": "none"}, "location"),
            ({"to_date": date(2026, 3, 2)}, "to"),
            ({"to_date": date(2027, 3, 5)}, "to"),
            ({"windows": (Window(540, 570),)}, "times"),
            ({"service": "video"}, "state"),
            ({"service": "video", "state": "XX"}, "state"),
        ]
        for changes, field in wrong:
            with pytest.raises(Invalid) as refused:
                join(**changes)
            assert list(refused.value.errors) == [field]

    def test_refuses_in_the_order_of_booking(self, clinic: Flask) -> None:
        past: Any = {"from_date": date(2026, 2, 2), "to_date": date(2026, 3, 1)}
        far: Any = {"from_date": date(2026, 6, 2), "to_date": date(2026, 6, 3)}
        for changes, refusal in (
            (past, TooSoon),
            (far, TooFar),
            ({"service": "video", "state": "CA"}, NotLicensed),
            ({"service": "video", "state": "NY", "practitioner": "q"}, NotOffered),
        ):
            with pytest.raises(refusal):
                join(**changes)
        assert join(actor=FRONT_DESK, **far).status is EntryStatus.WAITING
        load(SHORT.replace('slug = "eval"', 'slug = "eval"\nonline = false'))
        with pytest.raises(NotOffered):
            join(2)
        assert join(2, actor=FRONT_DESK).status is EntryStatus.WAITING
        load(SHORT.replace('slug = "fu"', 'slug = "fu"\nsafety_screen = true'))
        with pytest.raises(ScreeningNeeded):
            join(3, service="fu")


class TestTakeOffer:
    def test_books_out_of_the_hold(self, clinic: Flask) -> None:
        entry = offered()
        booked = take(entry)
        assert booked.status is EntryStatus.BOOKED
        visit = get_visit(booked.visit or "")
        assert (visit.starts_at, visit.status, visit.patient) == (NINE, "booked", entry.patient)
        assert kinds()[-1] == "visit-booked"
        offer = list_offers(entry.public_id)[0]
        assert offer.status is OfferStatus.TAKEN
        again = take_offer(public_id=entry.public_id, offer=offer.public_id, actor=PUBLIC, now=NOW)
        assert again.visit == booked.visit
        claims = db.session.scalars(select(Claim).where(Claim.expires_at.is_not(None))).all()
        assert claims == []

    def test_needs_the_offer_that_stands(self, clinic: Flask) -> None:
        entry = offered()
        with pytest.raises(NotFound):
            take_offer(public_id=entry.public_id, offer="x" * 22, actor=PUBLIC, now=NOW)
        late = offer_of(entry).expires_at
        with pytest.raises(OfferOver):
            take(entry, now=late)
        remove_expired_holds(now=late)
        with pytest.raises(OfferOver):
            take(entry, now=NOW)

    def test_asks_again_what_may_have_changed(self, clinic: Flask) -> None:
        entry = offered()
        load(CLINIC)
        book("2026-03-03 09:30", service="fu", practitioner="q", reason="Both of them.")
        with pytest.raises(PatientBusy):
            take(entry)
        book("2026-03-03 14:00", who=1)
        with pytest.raises(LimitReached):
            take(entry)

    def test_names_a_later_visit_and_leaves_it(self, clinic: Flask) -> None:
        later = book("2026-03-06 09:00", who=1)
        entry = offered()
        found = find_later_visit(entry=entry, now=NOW)
        assert found is not None
        assert found.public_id == later.public_id
        take(entry)
        assert get_visit(later.public_id).status == "booked"


class TestOtherEnds:
    def test_declining_waits_on_and_the_time_goes_on(self, clinic: Flask) -> None:
        entry = offered()
        second = join(2)
        offer = offer_of(entry).public_id
        for _ in range(2):
            found = decline_offer(public_id=entry.public_id, offer=offer, actor=PUBLIC, now=NOW)
            assert (found.status, found.offer) == ("waiting", None)
        tend_waitlist(now=NOW)
        assert statuses(entry, second) == ["waiting", "offered"]
        with pytest.raises(OfferOver):
            take_offer(public_id=entry.public_id, offer=offer, actor=PUBLIC, now=NOW)

    def test_withdrawing_frees_what_was_held(self, clinic: Flask) -> None:
        entry = offered()
        for _ in range(2):
            withdraw_entry(public_id=entry.public_id, actor=PUBLIC, now=NOW)
        assert statuses(entry) == ["withdrawn"]
        assert list_offers(entry.public_id)[0].status is OfferStatus.WITHDRAWN
        assert book("2026-03-03 09:00", who=9).status == "booked"

    def test_whom_staff_took_off_keep_their_place(self, clinic: Flask) -> None:
        first, second = join(), join(2, now=NOW + timedelta(minutes=1))
        later = NOW + timedelta(minutes=2)
        for one, actor in ((first, FRONT_DESK), (second, PUBLIC)):
            withdraw_entry(public_id=one.public_id, actor=actor, now=later)
        for _ in range(2):
            back = restore_entry(public_id=first.public_id, actor=FRONT_DESK, now=later)
            assert (back.status, back.place) == (EntryStatus.WAITING, first.place)
        with pytest.raises(WrongEntryState):  # who left gave the place up
            restore_entry(public_id=second.public_id, actor=FRONT_DESK, now=later)
        withdraw_entry(public_id=first.public_id, actor=FRONT_DESK, now=later)
        join(now=later)
        with pytest.raises(AlreadyWaiting):
            restore_entry(public_id=first.public_id, actor=FRONT_DESK, now=later)
        third = join(3)
        withdraw_entry(public_id=third.public_id, actor=FRONT_DESK, now=later)
        with pytest.raises(WrongEntryState):  # the last date is over
            restore_entry(public_id=third.public_id, actor=FRONT_DESK, now=NOW + timedelta(days=5))

    def test_the_desk_books_the_offered_time_or_another(self, clinic: Flask) -> None:
        entry = offered()
        wish = Wish(service="eval", starts_at=NINE, practitioner="p")
        for _ in range(2):
            booked = book_for_entry(public_id=entry.public_id, wish=wish, actor=FRONT_DESK, now=NOW)
            assert booked.status is EntryStatus.BOOKED
        with pytest.raises(WrongEntryState):
            book_for_entry(
                public_id=entry.public_id,
                wish=replace(wish, starts_at=local("2026-03-04 09:00")),
                actor=FRONT_DESK,
                now=NOW,
            )
        second = join(2)
        with pytest.raises(SlotTaken):
            book_for_entry(public_id=second.public_id, wish=wish, actor=FRONT_DESK, now=NOW)
        assert statuses(second) == ["waiting"]


class TestLists:
    def test_go_by_joining_time_a_page_at_a_time(self, clinic: Flask) -> None:
        fill()
        entries = [join(n, now=NOW + timedelta(seconds=n)) for n in (1, 2, 3)]
        withdraw_entry(public_id=entries[0].public_id, actor=PUBLIC, now=NOW)
        page = list_entries(statuses=list(EntryStatus), limit=2)
        assert [one.public_id for one in page.entries] == [one.public_id for one in entries[:2]]
        rest = list_entries(statuses=list(EntryStatus), after=page.next_cursor, limit=2)
        assert [one.public_id for one in rest.entries] == [entries[2].public_id]
        assert rest.next_cursor is None
        assert (count_waiting().waiting, count_waiting().offered) == (2, 0)


class TestMergedRecords:
    def test_wait_once_and_each_again_when_the_merge_is_undone(self, clinic: Flask) -> None:
        visit, _ = fill()
        mine, theirs, other = join(1), join(2), join(2, service="fu", to_date=WEDNESDAY)
        kept, gone = (get_patient(public_id=one.patient) for one in (mine, theirs))
        merge = merge_patients(
            kept=mine.patient,
            gone=theirs.patient,
            from_gone=(),
            looked_at=stand_as(kept, gone),
            actor=FRONT_DESK,
            now=NOW,
        )
        whose = [get_entry(one.public_id).patient for one in (mine, theirs, other)]
        assert whose == [mine.patient, theirs.patient, mine.patient]
        withdraw_entry(public_id=mine.public_id, actor=PUBLIC, now=NOW)
        cancel(visit)
        assert statuses(mine, theirs) == ["withdrawn", "waiting"]
        undo_merge(merge=merge, actor=FRONT_DESK, now=NOW)
        offer_free_times(now=NOW)
        assert statuses(mine, theirs) == ["withdrawn", "offered"]
        assert get_entry(other.public_id).patient == theirs.patient


class TestTables:
    """The database itself refuses what must not be."""

    def _refuse(self, statement: str) -> None:
        with pytest.raises(IntegrityError):
            db.session.execute(text(statement))
        db.session.rollback()

    def test_refuse_a_second_open_entry_or_offer(self, clinic: Flask) -> None:
        entry = offered()
        copied = "status, patient_id, service_id, from_date, to_date, ends_at, days, lapses,"
        copied += " version, link_version, joined_at"
        self._refuse(
            f"INSERT INTO waitlist_entries (public_id, {copied})"  # noqa: S608
            f" SELECT 'another-entry-22-chars', {copied} FROM waitlist_entries"
        )
        held = db.session.scalars(select(Hold).order_by(Hold.id)).first()
        assert held is not None
        copied = "entry_id, practitioner_id, location_id, starts_at, ends_at, offered_at,"
        copied += " expires_at, status"
        for hold in ("hold_id", "NULL"):
            self._refuse(
                f"INSERT INTO waitlist_offers (public_id, hold_id, {copied})"  # noqa: S608
                f" SELECT 'another-offer-22-chars', {hold}, {copied} FROM waitlist_offers"
            )
        assert statuses(entry) == ["offered"]

    def test_refuse_what_contradicts_itself(self, clinic: Flask) -> None:
        offered()
        for change in (
            "waitlist_offers SET hold_id = NULL",
            "waitlist_offers SET status = 'taken'",
            "waitlist_offers SET expires_at = offered_at",
            "waitlist_entries SET status = 'booked'",
            "waitlist_entries SET status = 'withdrawn'",
            "waitlist_entries SET days = 0",
            "waitlist_entries SET to_date = '2026-01-01'",
            "waitlist_entries SET lapses = 4",
        ):
            self._refuse(f"UPDATE {change}")

    def test_keep_the_hold_of_an_offer_that_nobody_ended(self, clinic: Flask) -> None:
        entry = offered()
        late = NOW + timedelta(days=3)
        remove_expired_holds(now=late)
        remove_old_holds(now=late)
        assert db.session.scalars(select(WaitlistOffer.hold_id)).one() is not None
        tend_waitlist(now=late)
        remove_old_holds(now=late)
        assert statuses(entry) == ["expired"]
        assert db.session.scalars(select(Hold)).all() == []


def test_a_lost_time_is_not_booked_twice(clinic: Flask) -> None:
    """The public books what was offered to nobody; the waitlist then offers nothing."""
    visit, _ = fill()
    cancel(visit)
    book_appointment(
        wish=Wish(service="eval", starts_at=NINE, practitioner="p"),
        patient=person(9),
        actor=PUBLIC,
        now=NOW,
    )
    entry = join()
    tend_waitlist(now=NOW)
    assert statuses(entry) == ["waiting"]
