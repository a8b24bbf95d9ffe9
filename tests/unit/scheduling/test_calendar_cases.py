"""Calendar files of the cases from the field, read back by a reader that is not ours.

The reader knows RFC 5545 and nothing else: it unfolds lines, and takes a wall time to an instant by
the offsets of the VTIMEZONE that the file brings, never by a time zone database.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.scheduling.rules.calendar_file import (
    CalendarEvent,
    Method,
    calendar_feed,
    calendar_file,
)

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def local(text: str, zone: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def event(starts_at: datetime, zone: str) -> CalendarEvent:
    return CalendarEvent(
        public_id="v" * 22,
        version=3,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        zone=zone,
        summary="Visit",
        description="",
        place="Main office",
        url="https://riverside.example/visits/abc",
    )


def lines_of(data: bytes) -> list[str]:
    return re.sub(r"\r\n[ \t]", "", data.decode()).strip().split("\r\n")


def offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))


def onsets(lines: list[str]) -> list[tuple[datetime, timedelta, timedelta]]:
    """Each change in the file's zone: when by the clock before it, and the offsets around it."""
    found, part = [], dict[str, list[str]]()
    for line in lines:
        name, _, value = line.partition(":")
        key = name.partition(";")[0]
        if line in {"BEGIN:STANDARD", "BEGIN:DAYLIGHT"}:
            part = {}
        elif line in {"END:STANDARD", "END:DAYLIGHT"}:
            assert "RRULE" not in part, "this reader knows dates only"
            starts = [
                *part["DTSTART"],
                *(one for v in part.get("RDATE", []) for one in v.split(",")),
            ]
            around = offset(part["TZOFFSETFROM"][0]), offset(part["TZOFFSETTO"][0])
            found += [(datetime.fromisoformat(one), *around) for one in starts]
        else:
            part.setdefault(key, []).append(value)
    return sorted(found)


def instant_of(lines: list[str], name: str) -> datetime:
    """The instant of a property of the event, by the file alone."""
    inside = lines[lines.index("BEGIN:VEVENT") :]
    [line] = [one for one in inside if one.startswith(name)]
    text = line.rpartition(":")[2]
    if text.endswith("Z"):
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
    zone = re.search(r"TZID=([^:;]+)", line)
    assert zone is not None
    assert f"TZID:{zone[1]}" in lines, "the file brings the zone that it names"
    wall = datetime.fromisoformat(text)
    changes = onsets(lines)
    before = [after for at, _, after in changes if at <= wall]
    shift = before[-1] if before else changes[0][1]
    return (wall - shift).replace(tzinfo=UTC)


CASES = {
    "D9, a clinic in Paris": (local("2026-06-10 19:00", "Europe/Paris"), "Europe/Paris"),
    "D10, a clinic in Melbourne": (
        local("2026-12-17 10:00", "Australia/Melbourne"),
        "Australia/Melbourne",
    ),
    "D13, summer in New York": (datetime(2026, 7, 7, 13, tzinfo=UTC), "America/New_York"),
    "winter in New York": (datetime(2026, 1, 7, 14, tzinfo=UTC), "America/New_York"),
    "the morning after the spring change": (
        local("2026-03-08 09:00", "America/New_York"),
        "America/New_York",
    ),
    "the morning after the autumn change": (
        local("2026-11-01 09:00", "America/New_York"),
        "America/New_York",
    ),
    "the first pass of a doubled hour": (
        local("2026-11-01 01:30", "America/New_York"),
        "America/New_York",
    ),
    "the second pass of a doubled hour": (
        local("2026-11-01 01:30", "America/New_York", fold=1),
        "America/New_York",
    ),
    "half an hour of daylight saving": (
        local("2026-10-05 10:00", "Australia/Lord_Howe"),
        "Australia/Lord_Howe",
    ),
    "no daylight saving": (local("2026-06-10 10:00", "Asia/Kolkata"), "Asia/Kolkata"),
}


@pytest.mark.parametrize("case", CASES)
class TestCase:
    def test_means_the_instant_of_the_visit(self, case: str) -> None:
        starts_at, zone = CASES[case]
        lines = lines_of(
            calendar_file(event=event(starts_at, zone), method=Method.PUBLISH, now=NOW)
        )
        assert instant_of(lines, "DTSTART") == starts_at
        assert instant_of(lines, "DTEND") == starts_at + timedelta(hours=1)

    def test_means_the_same_in_a_feed(self, case: str) -> None:
        starts_at, zone = CASES[case]
        lines = lines_of(calendar_feed(events=[event(starts_at, zone)], name="Visits", now=NOW))
        assert instant_of(lines, "DTSTART") == starts_at
        assert lines.count("BEGIN:VEVENT") == 1
        assert {"METHOD:PUBLISH", "SEQUENCE:3"} <= set(lines)


class TestFeed:
    def test_may_be_empty(self) -> None:
        lines = lines_of(calendar_feed(events=[], name="Visits", now=NOW))
        assert lines[0] == "BEGIN:VCALENDAR"
        assert "BEGIN:VEVENT" not in lines
