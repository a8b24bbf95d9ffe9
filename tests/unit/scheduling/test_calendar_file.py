"""A visit's calendar file says the same instant to every calendar, and nothing of why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from clinic.scheduling.rules.calendar_file import (
    CalendarEvent,
    Method,
    Party,
    calendar_file,
    visit_uid,
)

NOW = datetime(2026, 11, 23, 15, 42, 7, 5, tzinfo=UTC)
ZONES = ("America/New_York", "America/Phoenix", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
CLINIC = Party("Riverside Rehab", "clinic@example.com")
ANA = Party("Ana Beltrán; PT", "ana@example.com")


def an_event(at: datetime | None = None, zone: str = "America/New_York") -> CalendarEvent:
    starts_at = at or datetime(2026, 11, 24, 14, 20, tzinfo=UTC)
    return CalendarEvent(
        public_id="abcdefghijklmnopqrstuv",
        version=3,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=40),
        zone=zone,
        summary="Visit at Riverside Rehab",
        description="Clinic time: New York.\nTo move, open its page; or call.",
        place="Main office, 120 Example Street, New York",
        url="https://clinic.example/visits/abc",
    )


def written(event: CalendarEvent, method: Method = Method.PUBLISH) -> str:
    return calendar_file(event=event, method=method, now=NOW).decode()


def read(text: str) -> tuple[Calendar, Any]:
    calendar = Calendar.from_ical(text)
    assert isinstance(calendar, Calendar)
    (event,) = calendar.events
    return calendar, event


def observances(calendar: Calendar) -> list[Any]:
    return [part for zone in calendar.walk("VTIMEZONE") for part in zone.subcomponents]


def onsets(part: Any) -> list[datetime]:
    """When an observance begins, as instants: told by the clock before it (RFC 5545, 3.6.5)."""
    told = [part["DTSTART"].dt, *(one.dt for one in getattr(part.get("RDATE"), "dts", ()))]
    return [(at - part["TZOFFSETFROM"].td).replace(tzinfo=UTC) for at in told]


class TestCalendarFile:
    def test_comes_back_as_it_went(self) -> None:
        calendar, event = read(written(an_event()))
        assert calendar["METHOD"] == "PUBLISH"
        assert calendar["VERSION"] == "2.0"
        assert event["SUMMARY"] == "Visit at Riverside Rehab"
        assert event["DESCRIPTION"] == "Clinic time: New York.\nTo move, open its page; or call."
        assert event["LOCATION"] == "Main office, 120 Example Street, New York"
        assert event["URL"] == "https://clinic.example/visits/abc"
        assert event["STATUS"] == "CONFIRMED"
        assert event["SEQUENCE"] == 3
        assert event["DTSTAMP"].dt == NOW.replace(microsecond=0)

    def test_keeps_to_lines_of_75_bytes(self) -> None:
        event = replace(an_event(), place="Straße der Übung " * 20)
        lines = calendar_file(event=event, method=Method.PUBLISH, now=NOW).split(b"\r\n")
        assert max(map(len, lines)) <= 75
        assert read(written(event))[1]["LOCATION"] == event.place

    @pytest.mark.parametrize("zone", ZONES)
    def test_shows_the_clinics_own_clock(self, zone: str) -> None:
        event = read(written(an_event(zone=zone)))[1]
        local = datetime(2026, 11, 24, 14, 20, tzinfo=UTC).astimezone(ZoneInfo(zone))
        assert event["DTSTART"].dt.replace(tzinfo=None) == local.replace(tzinfo=None)
        assert event["DTSTART"].dt == local

    @pytest.mark.parametrize(
        "at",
        [
            datetime(2026, 11, 1, 5, 30, tzinfo=UTC),  # the first 1:30 AM
            datetime(2026, 11, 1, 6, 30, tzinfo=UTC),  # the second
            datetime(2026, 11, 1, 5, 50, tzinfo=UTC),  # ends in the second pass
            datetime(2027, 3, 14, 6, 50, tzinfo=UTC),  # ends after the skipped hour
            datetime(2027, 3, 14, 7, 0, tzinfo=UTC),
        ],
    )
    def test_means_one_instant_when_the_clocks_change(self, at: datetime) -> None:
        event = read(written(an_event(at)))[1]
        assert event["DTSTART"].dt.astimezone(UTC) == at
        assert event["DTEND"].dt.astimezone(UTC) == at + timedelta(minutes=40)

    @pytest.mark.parametrize("zone", [zone for zone in ZONES if zone != "UTC"])
    def test_brings_the_zones_own_clock_changes(self, zone: str) -> None:
        """For readers that know a zone from the file alone."""
        found = observances(read(written(an_event(zone=zone)))[0])
        assert found
        for part in found:
            offset = part["TZOFFSETTO"].td
            for at in onsets(part):
                assert at.astimezone(ZoneInfo(zone)).utcoffset() == offset
                if offset != part["TZOFFSETFROM"].td:
                    before = (at - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
                    assert before.utcoffset() == part["TZOFFSETFROM"].td

    def test_of_a_changed_visit_replaces_the_older_one(self) -> None:
        before = read(written(an_event()))[1]
        moved = replace(an_event(), version=4, starts_at=NOW, ends_at=NOW + timedelta(hours=1))
        after = read(written(moved))[1]
        assert after["UID"] == before["UID"] == visit_uid("abcdefghijklmnopqrstuv")
        assert after["SEQUENCE"] > before["SEQUENCE"]

    def test_does_not_show_the_public_id(self) -> None:
        assert "abcdefghijklmnopqrstuv" not in written(an_event())

    @pytest.mark.parametrize(
        ("is_cancelled", "method"), [(True, Method.PUBLISH), (False, Method.CANCEL)]
    )
    def test_strikes_out_what_is_cancelled(self, is_cancelled: bool, method: Method) -> None:
        event = replace(an_event(), is_cancelled=is_cancelled)
        found = read(written(event, method))[1]
        assert (found["STATUS"], found["TRANSP"]) == ("CANCELLED", "TRANSPARENT")

    def test_names_both_parties_of_a_request(self) -> None:
        event = replace(an_event(), organizer=CLINIC, attendee=ANA)
        found = read(written(event, Method.REQUEST))[1]
        assert found["ORGANIZER"] == "mailto:clinic@example.com"
        assert found["ATTENDEE"].params["CN"] == "Ana Beltrán; PT"

    def test_names_nobody_invited_when_it_is_published(self) -> None:
        event = replace(an_event(), organizer=CLINIC, attendee=ANA)
        assert "ATTENDEE" not in read(written(event))[1]

    @pytest.mark.parametrize("missing", ["organizer", "attendee"])
    def test_refuses_a_request_without_both_parties(self, missing: str) -> None:
        parties: dict[str, Party | None] = {"organizer": CLINIC, "attendee": ANA, missing: None}
        event = replace(an_event(), **parties)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="who invites"):
            written(event, Method.REQUEST)
