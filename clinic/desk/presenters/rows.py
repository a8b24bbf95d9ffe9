"""A line of the day's list: a visit with its steps, or a hold."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.desk.presenters.asking import DayAsk
from clinic.desk.presenters.standing import (
    MarkView,
    flags_of,
    forms_mark,
    owed_form_mark,
    payment_mark,
)
from clinic.desk.queries.day import HeldRow
from clinic.desk.queries.standing import Standing
from clinic.desk.rules import OVER, Delay, Wait, can_undo, steps_of, wait_of
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action, State, Status
from clinic.web.filters import local_stamp, local_time

KEYS = {
    Action.ARRIVE: "a",
    Action.CHECK_IN: "c",
    Action.FULFIL: "f",
    Action.NO_SHOW: "n",
    Action.CONFIRM: "o",
    Action.UNDO: "u",
}


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
    forms: MarkView | None
    payment: MarkView | None
    flags: tuple[str, ...]
    href: str
    record_href: str
    next_step: StepView | None
    more: tuple[StepView, ...]
    cancel_href: str
    is_over: bool
    is_first_to_come: bool


def visit_row(
    one: Visit, arrived_at: datetime | None, standing: Standing, ask: DayAsk, now: datetime
) -> RowView:
    state = State(Status(one.status), one.is_confirmed)
    steps = [
        step_view(action, one) for action in steps_of(state=state, starts_at=one.starts_at, now=now)
    ]
    has_next = state.status not in OVER
    undo = (step_view(Action.UNDO, one),) if can_undo(state) else ()
    wait = wait_of(status=state.status, starts_at=one.starts_at, arrived_at=arrived_at, now=now)
    return RowView(
        id=f"v-{one.public_id}",
        time=_time(one.starts_at, one.zone, ask),
        stamp=local_stamp(one.starts_at, zone=one.zone),
        name=name_of(one),
        service=one.service_name,
        practitioner=short_person(one.practitioner_name),
        room=", ".join(one.resource_names) or (_("Video") if one.is_by_video else ""),
        status=one.status,
        is_confirmed=one.is_confirmed,
        wait=_wait(wait) if wait else None,
        forms=_forms(one, standing) if has_next else None,
        payment=payment_mark(
            standing.money.get(one.public_id), is_here=state.status is not Status.BOOKED
        ),
        flags=flags_of(one, standing) if has_next else (),
        href=f"/desk/visits/{one.public_id}",
        record_href=f"/desk/patients/{one.patient}",
        next_step=steps[0] if has_next and steps else None,
        more=(*steps[1:], *undo) if has_next else (*steps, *undo),
        cancel_href=f"/desk/visits/{one.public_id}/cancel" if has_next else "",
        is_over=state.status in OVER,
        is_first_to_come=False,
    )


def _forms(one: Visit, standing: Standing) -> MarkView | None:
    own = forms_mark(standing.forms.get(one.public_id))
    return own or owed_form_mark(standing.flags.get(one.patient))


def held_row(one: HeldRow, ask: DayAsk) -> RowView:
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
        forms=None,
        payment=None,
        flags=(),
        href="",
        record_href="",
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


def step_view(action: Action, one: Visit) -> StepView:
    words = {
        Action.ARRIVE: _("Arrived"),
        Action.CHECK_IN: _("Check in"),
        Action.FULFIL: _("Finish"),
        Action.NO_SHOW: _("No-show"),
        Action.CONFIRM: _("Has confirmed"),
        Action.UNDO: _("Undo"),
    }
    value = f"{action.value}|{one.version}|{one.public_id}"
    return StepView(words[action], value, KEYS.get(action, ""))


def where_words(one: Visit) -> str:
    """`Main office, Room 1`; `By video` where nobody comes to the clinic."""
    place = str(_("By video")) if one.is_by_video else one.location_name
    return ", ".join([place, *one.resource_names])


def _wait(wait: Wait) -> WaitView:
    kind = "d" if wait.is_long else "w"
    if wait.delay is Delay.LATE:
        text = ngettext("Late %(num)d min", "Late %(num)d min", wait.minutes)
        return WaitView("warning", text, kind)
    return WaitView("hourglass", ngettext("%(num)d min", "%(num)d min", wait.minutes), kind)


def name_of(one: Visit) -> str:
    """The patient's name."""
    return f"{one.given_name} {one.family_name}"
