"""The day's list, ready to print."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.desk.queries import DayList, HeldRow
from clinic.desk.rules import HERE, OVER, Delay, Show, Wait, can_undo, is_shown, steps_of, wait_of
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.status import Action, State, Status
from clinic.scheduling.rules.wall_time import local_date
from clinic.web.filters import local_stamp, local_time, long_date
from clinic.web.status import status_look

DAY = timedelta(days=1)
KEYS = {
    Action.ARRIVE: "a",
    Action.CHECK_IN: "c",
    Action.FULFIL: "f",
    Action.NO_SHOW: "n",
    Action.UNDO: "u",
}


@dataclass(frozen=True, slots=True)
class DayAsk:
    """Which list is asked for: an address of the desk."""

    day: date
    zone: str
    today: date
    location: str | None = None
    show: Show = Show.ALL

    def address(self, path: str = "/desk", **more: str) -> str:
        """The same list at ``path``; today and the whole day need no words."""
        said: dict[str, str] = {}
        if self.day != self.today:
            said["date"] = self.day.isoformat()
        if self.location is not None:
            said["location"] = self.location
        if self.show is not Show.ALL:
            said["show"] = self.show.value
        query = urlencode(said | more)
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as a button; ``key`` is the letter that presses it."""

    text: str
    value: str
    key: str


@dataclass(frozen=True, slots=True)
class WaitView:
    """Late or waiting, in words."""

    icon: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One line: a visit, or a hold (then without steps)."""

    id: str
    time: str
    stamp: str
    name: str
    service: str
    practitioner: str
    room: str
    status: str
    is_confirmed: bool
    wait: WaitView | None
    next_step: StepView | None
    more: tuple[StepView, ...]
    cancel_href: str
    is_over: bool
    is_first_to_come: bool


@dataclass(frozen=True, slots=True)
class CountView:
    """A number that says how the day goes."""

    count: int
    text: str
    href: str
    is_alert: bool


@dataclass(frozen=True, slots=True)
class TabView:
    """A way to see the list."""

    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """A place to choose."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class DoneView:
    """What was just done, with a way back where there is one."""

    text: str
    undo: StepView | None


@dataclass(frozen=True, slots=True)
class DayView:
    """The desk's page of one day."""

    day_words: str
    day_iso: str
    is_today: bool
    rows: tuple[RowView, ...]
    counts: tuple[CountView, ...]
    tabs: tuple[TabView, ...]
    places: tuple[ChoiceView, ...]
    previous: str
    following: str
    today: str
    now_words: str
    updated: str
    summary: str
    empty_title: str
    empty_reason: str
    steps_action: str
    list_href: str
    done: DoneView | None


def present_day(
    *, listed: DayList, ask: DayAsk, setting: Setting, now: datetime, done: str = ""
) -> DayView:
    """The list as it was asked for; ``done`` is the public id of a visit that just took a step."""
    rows = _rows(listed, ask, now)
    is_today = ask.day == ask.today
    return DayView(
        day_words=long_date(ask.day),
        day_iso=ask.day.isoformat(),
        is_today=is_today,
        rows=_with_now(rows, listed, now) if is_today else rows,
        counts=_counts(listed, ask, now) if is_today else (),
        tabs=_tabs(listed, ask),
        places=_places(ask, setting),
        previous=replace(ask, day=ask.day - DAY).address(),
        following=replace(ask, day=ask.day + DAY).address(),
        today=replace(ask, day=ask.today).address(),
        now_words=_("Now %(time)s", time=local_time(now, zone=ask.zone)),
        updated=local_time(now, zone=ask.zone),
        summary=_summary(listed, rows),
        empty_title=_empty_title(listed, ask),
        empty_reason=_empty_reason(listed, ask, setting),
        steps_action=ask.address("/desk/steps"),
        list_href=ask.address("/desk/list", seen=listed.digest),
        done=_done(listed, done),
    )


def _rows(listed: DayList, ask: DayAsk, now: datetime) -> tuple[RowView, ...]:
    found = [
        (one.starts_at, _visit_row(one, listed.arrivals.get(one.appointment_id), ask, now))
        for one in listed.visits
        if is_shown(status=Status(one.status), show=ask.show)
    ]
    if is_shown(status=None, show=ask.show):
        found += [(one.starts_at, _held_row(one, ask)) for one in listed.holds]
    return tuple(row for _at, row in sorted(found, key=lambda pair: pair[0]))


def _with_now(rows: tuple[RowView, ...], listed: DayList, now: datetime) -> tuple[RowView, ...]:
    """Mark the first row that lies ahead: the line of the moment stands before it."""
    starts = {f"v-{one.public_id}": one.starts_at for one in listed.visits}
    starts |= {f"v-{one.public_id}": one.starts_at for one in listed.holds}
    for number, row in enumerate(rows):
        if starts[row.id] > now:
            return (*rows[:number], replace(row, is_first_to_come=True), *rows[number + 1 :])
    return rows


def _visit_row(one: Visit, arrived_at: datetime | None, ask: DayAsk, now: datetime) -> RowView:
    state = State(Status(one.status), one.is_confirmed)
    steps = [
        _step(action, one) for action in steps_of(state=state, starts_at=one.starts_at, now=now)
    ]
    has_next = state.status not in OVER
    undo = (_step(Action.UNDO, one),) if can_undo(state) else ()
    wait = wait_of(status=state.status, starts_at=one.starts_at, arrived_at=arrived_at, now=now)
    return RowView(
        id=f"v-{one.public_id}",
        time=_time(one.starts_at, one.zone, ask),
        stamp=local_stamp(one.starts_at, zone=one.zone),
        name=f"{one.given_name} {one.family_name}",
        service=one.service_name,
        practitioner=short_person(one.practitioner_name),
        room=", ".join(one.resource_names) or (_("Video") if one.modality == "telehealth" else ""),
        status=one.status,
        is_confirmed=one.is_confirmed,
        wait=_wait(wait) if wait else None,
        next_step=steps[0] if has_next and steps else None,
        more=(*steps[1:], *undo) if has_next else (*steps, *undo),
        cancel_href=f"/desk/visits/{one.public_id}/cancel" if has_next else "",
        is_over=state.status in OVER,
        is_first_to_come=False,
    )


def _held_row(one: HeldRow, ask: DayAsk) -> RowView:
    return RowView(
        id=f"v-{one.public_id}",
        time=local_time(one.starts_at, zone=ask.zone),
        stamp=local_stamp(one.starts_at, zone=ask.zone),
        name=_("Held until %(time)s", time=local_time(one.expires_at, zone=ask.zone)),
        service=one.service_name,
        practitioner=short_person(one.practitioner_name),
        room=", ".join(one.rooms),
        status="held",
        is_confirmed=False,
        wait=None,
        next_step=None,
        more=(),
        cancel_href="",
        is_over=False,
        is_first_to_come=False,
    )


def _time(at: datetime, zone: str, ask: DayAsk) -> str:
    words = local_time(at, zone=zone)
    if zone == ask.zone:
        return words
    return f"{words} {local_letters(at, zone)}"


def local_letters(at: datetime, zone: str) -> str:
    """`CST`: the letters of a zone at an instant."""
    return str(at.astimezone(ZoneInfo(zone)).tzname())


def short_person(name: str) -> str:
    """`Okafor` of "Dana Okafor, PT, DPT": the desk knows its people."""
    return name.partition(",")[0].rpartition(" ")[2]


def _step(action: Action, one: Visit) -> StepView:
    words = {
        Action.ARRIVE: _("Arrived"),
        Action.CHECK_IN: _("Check in"),
        Action.FULFIL: _("Finish"),
        Action.NO_SHOW: _("No-show"),
        Action.CONFIRM: _("Confirmed"),
        Action.UNDO: _("Undo"),
    }
    value = f"{action.value}|{one.version}|{one.public_id}"
    return StepView(words[action], value, KEYS.get(action, ""))


def _wait(wait: Wait) -> WaitView:
    kind = "d" if wait.is_long else "w"
    if wait.delay is Delay.LATE:
        text = ngettext("Late %(num)d min", "Late %(num)d min", wait.minutes)
        return WaitView("warning", text, kind)
    return WaitView("hourglass", ngettext("%(num)d min", "%(num)d min", wait.minutes), kind)


def _counts(listed: DayList, ask: DayAsk, now: datetime) -> tuple[CountView, ...]:
    waits = [
        wait
        for one in listed.visits
        if (
            wait := wait_of(
                status=Status(one.status),
                starts_at=one.starts_at,
                arrived_at=listed.arrivals.get(one.appointment_id),
                now=now,
            )
        )
    ]
    late = [wait for wait in waits if wait.delay is Delay.LATE]
    waiting = [wait for wait in waits if wait.delay is Delay.WAITING]
    longest = max((wait.minutes for wait in waiting), default=0)
    words = _("waiting, %(minutes)d min", minutes=longest) if waiting else _("waiting")
    statuses = Counter(Status(one.status) for one in listed.visits)
    here, coming = _address(ask, Show.HERE), _address(ask, Show.COMING)
    return (
        CountView(len(waiting), words, here, any(wait.is_long for wait in waiting)),
        CountView(len(late), _("late"), coming, any(wait.is_long for wait in late)),
        CountView(sum(statuses[one] for one in HERE), _("here"), here, False),
        CountView(statuses[Status.BOOKED], _("to come"), coming, False),
        CountView(statuses[Status.FULFILLED], _("done"), _address(ask, Show.ALL), False),
    )


def _address(ask: DayAsk, show: Show) -> str:
    return replace(ask, show=show).address()


def _tabs(listed: DayList, ask: DayAsk) -> tuple[TabView, ...]:
    statuses = [Status(one.status) for one in listed.visits]
    names = {
        Show.ALL: _("Whole day"),
        Show.HERE: _("Here now"),
        Show.COMING: _("To come"),
    }
    tabs = []
    for show, name in names.items():
        number = sum(is_shown(status=status, show=show) for status in statuses)
        number += len(listed.holds) if is_shown(status=None, show=show) else 0
        tabs.append(TabView(f"{name}, {number}", _address(ask, show), show is ask.show))
    return tuple(tabs)


def _places(ask: DayAsk, setting: Setting) -> tuple[ChoiceView, ...]:
    if len(setting.locations) < 2:
        return ()
    named = [(one.slug, one.name) for one in setting.locations.values()]
    return tuple(
        ChoiceView(slug, name, slug == (ask.location or ""))
        for slug, name in [("", _("All places")), *named]
    )


def _summary(listed: DayList, rows: tuple[RowView, ...]) -> str:
    every = Counter(one.status for one in listed.visits)
    every["held"] = len(listed.holds)
    parts = [
        f"{number} {status_look(status).word.lower()}" for status, number in every.items() if number
    ]
    total = len(listed.visits) + len(listed.holds)
    return str(
        _(
            "%(shown)d of %(total)d shown: %(parts)s",
            shown=len(rows),
            total=total,
            parts=", ".join(parts),
        )
        if total
        else ""
    )


def _empty_title(listed: DayList, ask: DayAsk) -> str:
    if listed.visits:
        return str(
            _("Nobody is here now") if ask.show is Show.HERE else _("Nobody else is to come")
        )
    return str(_("No visits on %(day)s", day=long_date(ask.day)))


def _empty_reason(listed: DayList, ask: DayAsk, setting: Setting) -> str:
    if listed.visits:
        return str(_("The whole day has more."))
    reasons = [
        closure.reason
        for closure in setting.closures
        if closure.date == ask.day and ask.location in {None, closure.location or ask.location}
    ]
    if reasons:
        return str(_("Closed: %(reason)s.", reason=", ".join(dict.fromkeys(reasons))))
    return str(_("Nothing has been booked yet."))


def _done(listed: DayList, public_id: str) -> DoneView | None:
    one = next((one for one in listed.visits if one.public_id == public_id), None)
    if one is None:
        return None
    look = status_look(one.status, one.is_confirmed)
    state = State(Status(one.status), one.is_confirmed)
    return DoneView(
        _("%(name)s: %(state)s.", name=f"{one.given_name} {one.family_name}", state=look.word),
        _step(Action.UNDO, one) if can_undo(state) else None,
    )


def today_in(zone: str, now: datetime) -> date:
    """The date on the wall of a zone."""
    return local_date(instant=int(now.timestamp()), zone=zone)


def names_of(visits: Iterable[Visit], public_id: str) -> str:
    """The patient's name of one of the visits, "" when it is not among them."""
    found = (f"{one.given_name} {one.family_name}" for one in visits if one.public_id == public_id)
    return next(found, "")
