"""The day's list with its numbers, ready to print."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.desk.presenters.asking import DayAsk
from clinic.desk.presenters.rows import (
    RowView,
    StepView,
    WaitView,
    held_row,
    name_of,
    step_view,
    visit_row,
)
from clinic.desk.presenters.video import waiting_words
from clinic.desk.queries.day import DayList
from clinic.desk.rules import HERE, Delay, Show, can_undo, is_shown, wait_of
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.licences import list_lapses
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.status import Action, State, Status
from clinic.web.filters import local_time, long_date
from clinic.web.navigation import may_open
from clinic.web.status import status_look

DAY = timedelta(days=1)
LONG_WAIT = timedelta(minutes=5)
"""So long after its start somebody who waits by video has been forgotten."""


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
    next_href: str


@dataclass(frozen=True, slots=True)
class DayView:
    """The desk's page of one day."""

    day_words: str
    day_iso: str
    is_today: bool
    rows: tuple[RowView, ...]
    counts: tuple[CountView, ...]
    walk_in: tuple[ChoiceView, ...]
    sheet_href: str
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
        counts=(*_counts(listed, ask, now), *_queues(listed, ask, setting)) if is_today else (),
        walk_in=_walk_in(setting) if is_today else (),
        sheet_href=f"/desk/day-sheet?date={ask.day.isoformat()}",
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
        (
            one.starts_at,
            _visit_row(one, listed, ask, now),
        )
        for one in listed.visits
        if is_shown(state=_state(one), show=ask.show)
    ]
    if is_shown(state=None, show=ask.show):
        found += [(one.starts_at, held_row(one, ask)) for one in listed.holds]
    return tuple(row for _at, row in sorted(found, key=lambda pair: pair[0]))


def _visit_row(one: Visit, listed: DayList, ask: DayAsk, now: datetime) -> RowView:
    row = visit_row(one, listed.arrivals.get(one.appointment_id), listed.standing, ask, now)
    since = listed.waiting.get(one.appointment_id)
    if since is None or row.is_over:
        return row
    kind = "d" if now >= one.starts_at + LONG_WAIT else "w"
    return replace(row, wait=WaitView("hourglass", waiting_words(since, now), kind))


def _with_now(rows: tuple[RowView, ...], listed: DayList, now: datetime) -> tuple[RowView, ...]:
    """Mark the first row that lies ahead: the line of the moment stands before it."""
    starts = {f"v-{one.public_id}": one.starts_at for one in listed.visits}
    starts |= {f"v-{one.public_id}": one.starts_at for one in listed.holds}
    for number, row in enumerate(rows):
        if starts[row.id] > now:
            return (*rows[:number], replace(row, is_first_to_come=True), *rows[number + 1 :])
    return rows


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
    shown = (Show.HERE, Show.COMING, Show.UNCONFIRMED)
    here, coming, unconfirmed = (_address(ask, show) for show in shown)
    by_video = sum(one.appointment_id in listed.waiting for one in listed.visits)
    video = CountView(by_video, _("waiting by video"), _address(ask, Show.ALL), True)
    return (
        *((video,) if by_video else ()),
        CountView(len(waiting), words, here, any(wait.is_long for wait in waiting)),
        CountView(len(late), _("late"), coming, any(wait.is_long for wait in late)),
        CountView(sum(statuses[one] for one in HERE), _("here"), here, False),
        CountView(statuses[Status.BOOKED], _("to come"), coming, False),
        CountView(_unconfirmed(listed), _("unconfirmed"), unconfirmed, False),
    )


def _unconfirmed(listed: DayList) -> int:
    return sum(is_shown(state=_state(one), show=Show.UNCONFIRMED) for one in listed.visits)


def _state(one: Visit) -> State:
    return State(Status(one.status), one.is_confirmed)


def _queues(listed: DayList, ask: DayAsk, setting: Setting) -> tuple[CountView, ...]:
    """What waits elsewhere: only what is there, and a way to it where there is a page."""
    waiting = listed.queues
    lapses = len(list_lapses(setting=setting, today=ask.today))
    calls = ngettext("safety call due", "safety calls due", waiting.safety)
    asked = ngettext("request", "requests", waiting.requests)
    tasks = ngettext("order to look at", "orders to look at", waiting.tasks)
    ending = ngettext("licence ending", "licences ending", lapses)
    failed = ngettext("message failed", "messages failed", waiting.failed)
    found = (
        (waiting.safety, calls, "/desk/safety", True),
        (waiting.requests, asked, "/desk/requests", False),
        (waiting.waitlist, _("on the waitlist"), "/desk/waitlist", False),
        (waiting.reviews, _("to be reviewed"), "/desk/reviews", False),
        (waiting.tasks, tasks, "/desk/orders", True),
        (lapses, ending, "/desk/licences", False),
        (waiting.failed, failed, "/desk/messages", True),
        (waiting.duplicates, _("may be doubles"), "/desk/duplicates", False),
    )
    return tuple(
        CountView(number, str(words), path if may_open(path) else "", is_alert)
        for number, words, path, is_alert in found
        if number
    )


def _walk_in(setting: Setting) -> tuple[ChoiceView, ...]:
    """What somebody without a visit can come for."""
    return tuple(
        ChoiceView(one.slug, one.name, False)
        for one in setting.services.values()
        if not one.is_telehealth and one.capacity == 1
    )


def _address(ask: DayAsk, show: Show) -> str:
    return replace(ask, show=show).address()


def _tabs(listed: DayList, ask: DayAsk) -> tuple[TabView, ...]:
    states = [_state(one) for one in listed.visits]
    names = {
        Show.ALL: _("Whole day"),
        Show.HERE: _("Here now"),
        Show.COMING: _("To come"),
        Show.UNCONFIRMED: _("Unconfirmed"),
    }
    tabs = []
    for show, name in names.items():
        number = sum(is_shown(state=state, show=show) for state in states)
        number += len(listed.holds) if is_shown(state=None, show=show) else 0
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
        words = {
            Show.HERE: _("Nobody is here now"),
            Show.UNCONFIRMED: _("Whoever is to come has confirmed"),
        }
        return str(words.get(ask.show, _("Nobody else is to come")))
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
        _("%(name)s: %(state)s.", name=name_of(one), state=look.word),
        step_view(Action.UNDO, one) if can_undo(state) else None,
        f"/desk/book?patient={one.patient}&after={one.public_id}",
    )
