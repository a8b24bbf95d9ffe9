"""The fast availability against the slow reference, over random clinics, zones and days."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.scheduling.rules.asking import Diary, Reason
from clinic.scheduling.rules.booking import check_start
from clinic.scheduling.rules.offers import query_zone
from clinic.scheduling.rules.slots import busy_span, first_slots, list_slots
from clinic.scheduling.rules.wall_time import start_of_day
from clinic.scheduling.rules.why import explain_days
from tests.unit.scheduling.reference import Reference
from tests.unit.scheduling.situations import TWISTS, situations

EXHAUSTIVE_STEP = 300

unhurried = settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("twist", TWISTS)
class TestAvailability:
    @unhurried
    @given(data=st.data())
    def test_lists_exactly_what_the_reference_finds(self, data: st.DataObject, twist: str) -> None:
        query, diary, first, last = data.draw(situations(twist))
        listing = list_slots(query=query, from_date=first, to_date=last, diary=diary)
        found = [(slot.start, slot.practitioner, slot.location) for slot in listing.slots]
        assert found == Reference(query, diary).slots(query_zone(query=query), first, last)
        assert (listing.reason is None) == bool(found)

    @unhurried
    @given(data=st.data())
    def test_is_full_exactly_when_an_empty_diary_would_have_slots(
        self, data: st.DataObject, twist: str
    ) -> None:
        query, diary, first, last = data.draw(situations(twist))
        listing = list_slots(query=query, from_date=first, to_date=last, diary=diary)
        empty = list_slots(query=query, from_date=first, to_date=last, diary=Diary())
        assert (listing.reason in {None, Reason.FULL}) == bool(empty.slots)
        plans = explain_days(query=query, from_date=first, to_date=last, diary=diary)
        assert [slot for plan in plans for slot in plan.slots] == list(listing.slots)
        assert all(bool(plan.slots) != bool(plan.why) for plan in plans)

    @unhurried
    @given(data=st.data())
    def test_books_every_listed_start_and_nothing_else(
        self, data: st.DataObject, twist: str
    ) -> None:
        query, diary, first, last = data.draw(situations(twist))
        zone = query_zone(query=query)
        listing = list_slots(query=query, from_date=first, to_date=last, diary=diary)
        listed = {(slot.start, slot.practitioner, slot.location) for slot in listing.slots}
        begins = start_of_day(day=first, zone=zone)
        ends = start_of_day(day=last + timedelta(days=1), zone=zone)
        # On the grid of five minutes everywhere, and off it around what is listed.
        instants = set(range(begins, ends, EXHAUSTIVE_STEP))
        for start, _, _ in listed:
            instants |= {start - 60, start - 1, start, start + 1, start + 60}
        free = {
            (one.start, one.practitioner, one.location)
            for start in instants
            if begins <= start < ends
            for one in check_start(query=query, start=start, diary=diary).free
        }
        assert free == listed
        for start, who, where in listed:
            staff = check_start(query=replace(query, staff=True), start=start, diary=diary)
            assert (who, where) in {(one.practitioner, one.location) for one in staff.free}

    @unhurried
    @given(data=st.data())
    def test_finds_first_what_it_lists_and_needs_only_the_span_it_names(
        self, data: st.DataObject, twist: str
    ) -> None:
        query, diary, first, last = data.draw(situations(twist))
        begins, ends = busy_span(query=query, from_date=first, to_date=last)
        narrowed = Diary(
            busy={
                number: [claim for claim in spans if claim[0] < ends and claim[1] > begins]
                for number, spans in diary.busy.items()
            },
            classes=[one for one in diary.classes if begins <= one.start < ends],
        )
        listing = list_slots(query=query, from_date=first, to_date=last, diary=diary)
        found = first_slots(
            query=query, from_date=first, to_date=last, diary=narrowed, limit=10_000
        )
        assert found == listing.slots
        assert (
            first_slots(query=query, from_date=first, to_date=last, diary=diary)
            == listing.slots[:1]
        )
