"""The calendar, ready to print: columns of boxes and bands on a grid of five minutes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from clinic.desk.presenters.blocks import block_words
from clinic.desk.presenters.calendar_asking import CalendarAsk, View
from clinic.desk.presenters.rows import name_of, short_person
from clinic.desk.presenters.standing import MarkView, forms_mark
from clinic.desk.queries.calendar import Diary
from clinic.desk.queries.day import HeldRow
from clinic.desk.rules import OVER
from clinic.desk.rules.lanes import STEP_MINUTES, hours_shown, lanes
from clinic.scheduling.operations.moving import MOVABLE
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.intervals import subtract
from clinic.scheduling.rules.opening import open_intervals, works_at
from clinic.scheduling.rules.setting import Location, Practitioner, Setting
from clinic.scheduling.rules.status import Status
from clinic.scheduling.rules.wall_time import local_date, minute_of_day, start_of_day
from clinic.web.filters import day_heading, local_time, short_clock
from clinic.web.status import status_look

DAY_MINUTES = 1440
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class BoxView:
    """A visit, a hold, a block or a band without visits. ``css`` says where it stands.

    ``forms`` is how a visit's forms stand, ``told_href`` where those read them who may.
    """

    id: str
    kind: str
    css: str
    look: str
    icon: str
    time: str
    name: str
    more: str
    href: str = ""
    version: int = 0
    begins: int = 0
    minutes: int = 0
    is_fixed: bool = True
    flag: str = ""
    place: str = ""
    forms: MarkView | None = None
    told_href: str = ""


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A practitioner, a room or a day. ``key`` is what a box dropped here gets."""

    id: str
    title: str
    about: str
    key: str
    date: str
    bands: tuple[BoxView, ...]
    boxes: tuple[BoxView, ...]
    block_href: str
    book_href: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What every column needs to know; ``hours`` are the first and the last that are shown."""

    ask: CalendarAsk
    setting: Setting
    diary: Diary
    now: datetime
    hours: tuple[int, int] = (8, 18)


@dataclass(frozen=True, slots=True)
class CalendarView:
    """The whole calendar. ``now_css`` is where the line of the moment stands, "" elsewhere."""

    columns: tuple[ColumnView, ...]
    hours: tuple[tuple[str, str], ...]
    first_hour: int
    row_css: str
    now_css: str
    now_words: str
    mode: str
    seen: str


def present_calendar(
    *, ask: CalendarAsk, setting: Setting, diary: Diary, now: datetime
) -> CalendarView:
    """Columns by practitioner, by room, or the days of one practitioner's week."""
    frame = Frame(ask, setting, diary, now)
    frame = replace(frame, hours=hours_shown(list(_spans(frame))))
    first, last = frame.hours
    makers = {View.DAY: _people, View.ROOMS: _rooms, View.WEEK: _days}
    today = local_date(instant=int(now.timestamp()), zone=ask.zone)
    minute = minute_of_day(instant=int(now.timestamp()), zone=ask.zone)
    is_now = ask.span.first <= today <= ask.span.last and first * 60 <= minute < last * 60
    return CalendarView(
        columns=tuple(makers[ask.view](frame)),
        hours=tuple((short_clock(hour * 60), f"h{hour} m0 lh1 ln0") for hour in range(first, last)),
        first_hour=first,
        row_css=f"f{first} t{last - first}",
        now_css=_place(minute, 0) if is_now and ask.view is not View.WEEK else "",
        now_words=local_time(now, zone=ask.zone),
        mode=ask.view.value,
        seen=diary.digest,
    )


def _spans(frame: Frame) -> Iterator[tuple[int, int]]:
    """The minutes of the day that anything takes, hours that are worked included."""
    zone = frame.ask.zone
    times = [(one.starts_at, one.ends_at) for one in frame.diary.visits]
    times += [(one.starts_at, one.ends_at) for one in frame.diary.holds]
    for starts_at, ends_at in times:
        begins = _minute(starts_at, zone)
        yield begins, min(DAY_MINUTES, begins + (ends_at - starts_at) // MINUTE)
    for person in _shown_people(frame):
        for day in frame.ask.days:
            for begins, ends in _open(frame, person, day, with_closures=False):
                yield begins, ends


def _minute(at: datetime, zone: str) -> int:
    return minute_of_day(instant=int(at.timestamp()), zone=zone)


def _shown_people(frame: Frame) -> list[Practitioner]:
    """Who works on these days or has visits there; of a week, the one asked for."""
    people = frame.setting.practitioners
    if frame.ask.practitioner:
        return [people[frame.ask.practitioner]]
    busy = {one.practitioner for one in frame.diary.visits}
    busy |= {one.practitioner for one in frame.diary.holds}
    return [
        one
        for one in people.values()
        if one.slug in busy
        or any(_open(frame, one, day, with_closures=False) for day in frame.ask.days)
    ]


def _open(
    frame: Frame, person: Practitioner, day: date, *, with_closures: bool = True
) -> list[tuple[int, int]]:
    """The minutes of a day on which somebody works, closures taken out."""
    midnight = start_of_day(day=day, zone=frame.ask.zone)
    found: list[tuple[int, int]] = []
    for place in _places(frame, person):
        for begins, ends in open_intervals(
            setting=frame.setting,
            practitioner=person,
            location=place,
            first=day,
            last=day,
            with_closures=with_closures,
        ):
            start = minute_of_day(instant=begins, zone=frame.ask.zone)
            found.append((start, min(DAY_MINUTES, start + (ends - begins) // 60)))
    return sorted(found) if midnight else []


def _places(frame: Frame, person: Practitioner) -> list[Location]:
    slugs = works_at(setting=frame.setting, practitioner=person)
    wanted = frame.ask.location
    return [frame.setting.locations[slug] for slug in slugs if wanted in {None, slug}]


def _people(frame: Frame) -> Iterator[ColumnView]:
    for person in _shown_people(frame):
        visits = [one for one in frame.diary.visits if one.practitioner == person.slug]
        holds = [one for one in frame.diary.holds if one.practitioner == person.slug]
        name, _comma, title = person.name.partition(", ")
        yield _column(frame, person.slug, name, title, frame.ask.day, person, visits, holds)
    yield from _gone(frame)


def _gone(frame: Frame) -> Iterator[ColumnView]:
    """Columns of people who left with visits to come: those must be seen to be moved."""
    names = {
        one.practitioner: one.practitioner_name
        for one in frame.diary.visits
        if one.practitioner not in frame.setting.practitioners
    }
    for slug, name in sorted(names.items()):
        visits = [one for one in frame.diary.visits if one.practitioner == slug]
        title = name.partition(", ")[0]
        yield _column(frame, slug, title, str(_("No longer here")), frame.ask.day, None, visits, [])


def _rooms(frame: Frame) -> Iterator[ColumnView]:
    for room in frame.setting.rooms.values():
        if frame.ask.location not in {None, room.location}:
            continue
        visits = [one for one in frame.diary.visits if room.slug in one.resources]
        holds = [one for one in frame.diary.holds if room.name in one.rooms]
        yield _column(frame, room.slug, room.name, "", frame.ask.day, None, visits, holds)
    yield from _closed_rooms(frame)


def _closed_rooms(frame: Frame) -> Iterator[ColumnView]:
    """Columns of rooms that the clinic has no more, with the visits that stand in them."""
    names = {
        slug: name
        for one in frame.diary.visits
        if frame.ask.location in {None, one.location}
        for slug, name in zip(one.resources, one.resource_names, strict=True)
        if slug not in frame.setting.rooms
    }
    for slug, name in sorted(names.items()):
        visits = [one for one in frame.diary.visits if slug in one.resources]
        about = str(_("No longer here"))
        yield _column(frame, slug, name, about, frame.ask.day, None, visits, [])


def _days(frame: Frame) -> Iterator[ColumnView]:
    person = frame.setting.practitioners[frame.ask.practitioner or ""]
    zone = frame.ask.zone
    for day in frame.ask.days:
        visits = [one for one in frame.diary.visits if one.local.date() == day]
        holds = [one for one in frame.diary.holds if _day_of(one.starts_at, zone) == day]
        yield _column(frame, person.slug, day_heading(day), "", day, person, visits, holds)


def _day_of(at: datetime, zone: str) -> date:
    return local_date(instant=int(at.timestamp()), zone=zone)


def _column(
    frame: Frame,
    key: str,
    title: str,
    about: str,
    day: date,
    person: Practitioner | None,
    visits: list[Visit],
    holds: list[HeldRow],
) -> ColumnView:
    asked = f"resource={key}&date={day.isoformat()}"
    booking = f"practitioner={key}&" if person else ""
    return ColumnView(
        id=f"c-{key}-{day.isoformat()}",
        title=title,
        about=about,
        key=key,
        date=day.isoformat(),
        bands=tuple(_bands(frame, key, day, person, visits)),
        boxes=tuple(_boxes(frame, visits, holds)),
        block_href=f"/desk/block?{asked}",
        book_href=f"/desk/book?{booking}since={day.isoformat()}",
    )


def _bands(
    frame: Frame, key: str, day: date, person: Practitioner | None, visits: list[Visit]
) -> Iterator[BoxView]:
    """Where nobody works, closures by their reason, blocked time, and the buffers of visits."""
    if person is not None:
        whole = [(frame.hours[0] * 60, frame.hours[1] * 60)]
        closed = {c.reason for c in frame.setting.closures if c.date == day}
        word = _("Closed: %(why)s", why=", ".join(sorted(closed))) if closed else _("Not working")
        for begins, ends in subtract(whole, _open(frame, person, day)):
            yield _band(frame, "off", str(word), begins, ends)
    yield from _blocks(frame, key, day)
    for one in visits:
        yield from _buffers(frame, one)


def _blocks(frame: Frame, key: str, day: date) -> Iterator[BoxView]:
    taken = frame.setting.practitioners.get(key) or frame.setting.rooms.get(key)
    number = taken.resource if taken else None
    for one in frame.diary.blocks:
        first, last = (_day_of(at, frame.ask.zone) for at in (one.starts_at, one.ends_at))
        if one.resource != number or not first <= day <= last:
            continue
        begins = _minute(one.starts_at, frame.ask.zone) if first == day else 0
        ends = _minute(one.ends_at, frame.ask.zone) if last == day else DAY_MINUTES
        if begins < ends:
            band = _band(frame, "block", block_words(one.kind), begins, ends)
            yield replace(band, id=one.public_id, href=f"/desk/blocks/{one.public_id}")


def _buffers(frame: Frame, one: Visit) -> Iterator[BoxView]:
    service = frame.setting.services.get(one.service)
    if service is None or one.status in {"cancelled", "noshow"}:
        return
    begins = _minute(one.starts_at, frame.ask.zone)
    if service.buffer_before:
        yield _band(frame, "buffer", str(_("Buffer")), begins - service.buffer_before, begins)
    if service.buffer_after:
        ends = begins + one.minutes
        yield _band(frame, "buffer", str(_("Buffer")), ends, ends + service.buffer_after)


def _band(frame: Frame, kind: str, word: str, begins: int, ends: int) -> BoxView:
    first, last = frame.hours[0] * 60, frame.hours[1] * 60
    begins, ends = max(begins, first), max(min(ends, last), min(begins, last - 1) + 1)
    return BoxView(
        id="",
        kind=kind,
        css=_place(begins, ends - begins),
        look="",
        icon="",
        time=f"{short_clock(begins)}–{short_clock(ends)}",
        name=word,
        more="",
    )


def _boxes(frame: Frame, visits: list[Visit], holds: list[HeldRow]) -> Iterator[BoxView]:
    found = sorted(
        [*(_visit(frame, one) for one in visits), *(_hold(frame, one) for one in holds)],
        key=lambda box: (box.begins, box.name),
    )
    shared = lanes([(box.begins, box.begins + max(box.minutes, STEP_MINUTES)) for box in found])
    for box, lane in zip(found, shared, strict=True):
        yield replace(box, css=f"{box.css} k{lane.number} of{lane.of}" if lane.of > 1 else box.css)


def _visit(frame: Frame, one: Visit) -> BoxView:
    look = status_look(one.status, one.is_confirmed)
    begins = _minute(one.starts_at, frame.ask.zone)
    is_room = frame.ask.view is View.ROOMS
    beside = short_person(one.practitioner_name) if is_room else ", ".join(one.resource_names)
    is_fixed = one.status not in MOVABLE or one.capacity > 1
    is_over = Status(one.status) in OVER
    return BoxView(
        id=f"v-{one.public_id}",
        kind="over" if is_over else "visit",
        css=_place(begins, one.minutes),
        look=look.css,
        icon=look.icon,
        time=local_time(one.starts_at, zone=one.zone),
        name=name_of(one),
        more=f"{one.service_name}, {look.word.lower()}",
        href=f"/desk/visits/{one.public_id}",
        version=one.version,
        begins=begins,
        minutes=one.minutes,
        is_fixed=is_fixed,
        flag=str(_("Overbooked")) if one.override_by else "",
        place=beside,
        forms=None if is_over else forms_mark(frame.diary.forms.get(one.public_id)),
        told_href=f"/desk/patients/{one.patient}/summary",
    )


def _hold(frame: Frame, one: HeldRow) -> BoxView:
    look = status_look("held")
    begins = _minute(one.starts_at, frame.ask.zone)
    minutes = (one.ends_at - one.starts_at) // MINUTE
    until = local_time(one.expires_at, zone=frame.ask.zone)
    return BoxView(
        id=f"v-{one.public_id}",
        kind="hold",
        css=_place(begins, minutes),
        look=look.css,
        icon=look.icon,
        time=local_time(one.starts_at, zone=frame.ask.zone),
        name=str(_("Held until %(time)s", time=until)),
        more=one.service_name,
        begins=begins,
        minutes=minutes,
    )


def _place(begins: int, minutes: int) -> str:
    """Classes of the grid: hour and five minutes of the start, hours and five minutes of length."""
    start = begins // STEP_MINUTES
    length = max(1, -(-(begins + minutes) // STEP_MINUTES) - start) if minutes else 0
    return f"h{start // 12} m{start % 12} lh{length // 12} ln{length % 12}"
