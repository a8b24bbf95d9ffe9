"""The page on which a time is chosen."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.scheduling.presenters.reasons import Asked, reason_words
from clinic.scheduling.presenters.times import (
    slot_words,
    time_words,
    week_clock,
    week_words,
)
from clinic.scheduling.queries.weeks import Week, monday_of
from clinic.scheduling.rules.asking import Query, Slot
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.wall_time import local_date
from clinic.scheduling.rules.week_address import Ask
from clinic.scheduling.rules.week_view import (
    Part,
    Shown,
    doubled_walls,
    in_part,
    once_each,
    shown_times,
)
from clinic.scheduling.rules.why import DayPlan, Kind
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.filters import day_heading

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LinkView:
    """Words that lead somewhere."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class SlotView:
    """A start as a button."""

    label: str
    value: str
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class DayView:
    """One day: its times, or why there are none and what is nearest."""

    id: str
    heading: str
    is_today: bool
    is_past: bool
    slots: tuple[SlotView, ...]
    reason: str
    alternative: LinkView | None
    more: LinkView | None


@dataclass(frozen=True, slots=True)
class WeekView:
    """A week with the ways around it.

    ``action`` is where its form leads, ``clock`` says by which clock the times are meant.
    """

    heading: str
    days: tuple[DayView, ...]
    earlier: str
    later: str
    next_free: LinkView | None
    is_empty: bool
    clock: str
    filters: tuple[FieldView, ...]
    kept: tuple[tuple[str, str], ...]
    path: str
    action: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a week stands: its address, what was asked, and what the visitor holds already.

    With ``names_person`` each time is that of one practitioner, also where anybody would do.
    """

    path: str
    ask: Ask
    query: Query
    places: tuple[str, ...] = ()
    has_filters: bool = True
    held_start: int | None = None
    names_person: bool = False


def present_week(*, week: Week, frame: Frame) -> WeekView:
    """The week as the visitor asked for it."""
    ask = frame.ask
    shown = shown_times(
        plans=week.plans,
        service=frame.query.wanted,
        part=ask.part,
        zone=week.zone,
        whole_day=ask.whole_day,
    )
    upcoming = _upcoming(week, ask)
    days = tuple(
        _day(plan, times, week, frame, upcoming)
        for plan, times in zip(week.plans, shown, strict=True)
    )
    here = ask.address(frame.path, week=week.monday)
    return WeekView(
        heading=week_words(week.monday),
        days=days,
        earlier=_neighbour(week, frame, -1),
        later=_neighbour(week, frame, 1),
        next_free=_next_free(week, frame),
        is_empty=not any(day.slots for day in days),
        clock=week_clock(week.zone, is_video=frame.query.wanted.is_telehealth),
        filters=_filters(frame) if frame.has_filters else (),
        kept=(("state", ask.state),) if ask.state else (),
        path=frame.path,
        action=here,
    )


def _upcoming(week: Week, ask: Ask) -> tuple[Slot, ...]:
    """The slots one would be sent on to: this week's and those after it."""
    slots = (*(slot for plan in week.plans for slot in plan.slots), *week.later)
    return in_part(slots=slots, part=ask.part, zone=week.zone)


def _neighbour(week: Week, frame: Frame, step: int) -> str:
    """The week before or after, "" where it would be all past or all too far."""
    monday = week.monday + step * WEEK
    if not monday_of(week.today) <= monday <= week.last_monday:
        return ""
    return frame.ask.address(frame.path, week=monday, whole_day=None)


def _next_free(week: Week, frame: Frame) -> LinkView | None:
    """The first free time of all, with any part of the day."""
    if week.first is None:
        return None
    words = slot_words(week.first, week.zone)
    return LinkView(_("Next free: %(moment)s", moment=words), _href(week.first, week, frame))


def _href(slot: Slot, week: Week, frame: Frame, **changes: object) -> str:
    day = local_date(instant=slot.start, zone=week.zone)
    asked = {"week": monday_of(day), "part": None, "whole_day": None, **changes}
    return f"{frame.ask.address(frame.path, **asked)}#day-{day.isoformat()}"


def _day(
    plan: DayPlan, times: Shown, week: Week, frame: Frame, upcoming: tuple[Slot, ...]
) -> DayView:
    is_today = plan.day == week.today
    asked = Asked(frame.query, _name(frame), is_today)
    return DayView(
        id=f"day-{plan.day.isoformat()}",
        heading=day_heading(plan.day),
        is_today=is_today,
        is_past=plan.day < week.today,
        slots=_slots(plan, times, week, frame),
        reason=_hidden_words(times) if times.hidden else reason_words(plan=plan, asked=asked),
        alternative=_alternative(plan, times, week, frame, upcoming),
        more=_more(times, frame, week),
    )


def _slots(plan: DayPlan, times: Shown, week: Week, frame: Frame) -> tuple[SlotView, ...]:
    doubled = doubled_walls(plan.slots, zone=week.zone)
    return tuple(
        SlotView(
            time_words(slot.start, week.zone, is_doubled=slot.start in doubled),
            slot_value(slot, frame),
            is_held=slot.start == frame.held_start,
        )
        for slot in times.slots
    )


def slot_value(slot: Slot, frame: Frame) -> str:
    """What the button of a slot sends: start, and practitioner and place where they were chosen."""
    who = slot.practitioner if frame.names_person else frame.ask.practitioner
    return f"{slot.start}|{who or ''}|{frame.ask.location or ''}"


def present_alternatives(*, slots: tuple[Slot, ...], frame: Frame) -> tuple[SlotView, ...]:
    """Free times with their days, for who was just too late for another."""
    locations = frame.query.setting.locations
    return tuple(
        SlotView(slot_words(slot, locations[slot.location].zone), slot_value(slot, frame))
        for slot in once_each(slots)
    )


def _hidden_words(times: Shown) -> str:
    return str(
        ngettext(
            "%(num)d time, at another time of day.",
            "%(num)d times, at another time of day.",
            times.hidden,
        )
    )


def _more(times: Shown, frame: Frame, week: Week) -> LinkView | None:
    if not times.left_out:
        return None
    text = ngettext("Show %(num)d more", "Show %(num)d more", times.left_out)
    href = frame.ask.address(frame.path, week=week.monday, whole_day=times.day)
    return LinkView(text, f"{href}#day-{times.day.isoformat()}")


def _alternative(
    plan: DayPlan, times: Shown, week: Week, frame: Frame, upcoming: tuple[Slot, ...]
) -> LinkView | None:
    """Another time of that day, somebody else that day, or the next day with a time."""
    if times.slots or plan.day < week.today:
        return None
    if times.hidden:
        return LinkView(
            _("Show the whole day"), _href(plan.slots[0], week, frame, whole_day=plan.day)
        )
    other = week.others.get(plan.day)
    if other is not None:
        return _other_link(other, week, frame)
    if plan.why and plan.why[0].kind is Kind.HORIZON:
        return None
    after = next((slot for slot in upcoming if _day_of(slot, week) > plan.day), None)
    if after is None:
        return None
    words = slot_words(after, week.zone)
    return LinkView(
        _("Next: %(moment)s", moment=words), _href(after, week, frame, part=frame.ask.part)
    )


def _other_link(other: Slot, week: Week, frame: Frame) -> LinkView:
    setting = frame.query.setting
    location = setting.locations[other.location]
    words = {
        "name": short_name(setting, other.practitioner),
        "time": time_words(other.start, location.zone),
        "place": location.name,
    }
    elsewhere = frame.ask.location not in {None, other.location}
    text = (
        _("%(name)s is free at %(time)s, %(place)s", **words)
        if elsewhere
        else _("%(name)s is free at %(time)s", **words)
    )
    changes = {
        "practitioner": other.practitioner if frame.ask.practitioner else None,
        "location": other.location if frame.ask.location else None,
    }
    return LinkView(text, _href(other, week, frame, **changes))


def _day_of(slot: Slot, week: Week) -> date:
    return local_date(instant=slot.start, zone=week.zone)


def _name(frame: Frame) -> str:
    who = frame.ask.practitioner
    return short_name(frame.query.setting, who) if who else ""


def short_name(setting: Setting, slug: str) -> str:
    """`Dana Okafor` of "Dana Okafor, PT, DPT"."""
    return setting.practitioners[slug].name.partition(",")[0]


def _filters(frame: Frame) -> tuple[FieldView, ...]:
    ask, setting = frame.ask, frame.query.setting
    people = [
        (one.slug, one.name)
        for one in setting.practitioners.values()
        if ask.service in one.services
    ]
    parts = [
        ("", _("Any time")),
        (Part.MORNING.value, _("Morning")),
        (Part.AFTERNOON.value, _("Afternoon")),
        (Part.EVENING.value, _("Evening, from 5 PM")),
    ]
    fields = []
    if ask.location is not None:
        places = [(slug, setting.locations[slug].name) for slug in frame.places]
        fields.append(_select("location", _("Where"), places, ask.location))
    if len(people) > 1:
        anyone = ("", _("Anyone who is free"))
        fields.append(
            _select("practitioner", _("Practitioner"), [anyone, *people], ask.practitioner or "")
        )
    fields.append(_select("part", _("Time of day"), parts, ask.part or ""))
    return tuple(fields)


def _select(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> FieldView:
    return FieldView(
        name,
        name,
        label,
        choices=tuple(
            ChoiceView(f"{name}-{number}", value, text, is_chosen=value == chosen)
            for number, (value, text) in enumerate(options)
        ),
    )


def state_field(*, error: str = "") -> FieldView:
    """The select that a video visit begins with."""
    options = [("", _("Choose a state")), *STATES.items()]
    return FieldView(
        "state",
        "state",
        _("Where will you be during the video visit?"),
        hint=_("A clinician needs a licence for the state in which you are then."),
        error=error,
        choices=tuple(
            ChoiceView(f"state-{code}", code, name, is_chosen=not code) for code, name in options
        ),
    )


def state_name(code: str | None) -> str:
    """A state in words, "" without one."""
    return STATES.get(code or "", "")
