"""Appointments: booked by anybody, seen and changed by staff."""

from datetime import datetime, timedelta

from flask import Response

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Invalid
from clinic.core.values import Actor
from clinic.interop.forms.bodies import read_body
from clinic.interop.forms.bookings import (
    Booking,
    read_booking,
    read_change,
    read_step_reason,
    read_version,
    refuse_onlookers,
    refuse_strangers_override,
)
from clinic.interop.forms.query_strings import VisitsAsked, read_visits_asked
from clinic.interop.rules.cursors import cursor_text
from clinic.interop.rules.json_text import JsonText
from clinic.interop.views.answers import (
    appointment_answer,
    asked_id,
    json_answer,
    posted,
    shown,
    telling,
)
from clinic.interop.views.blueprint import blueprint
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.moving import move_appointment
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import BOOKING_ROLES
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import (
    get_setting,
    list_known_practitioners,
    remembered_setting,
)
from clinic.scheduling.queries.visits import Visit, VisitPage, get_visit, list_visits
from clinic.scheduling.rules.opening import works_at
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.wall_time import start_of_day
from clinic.web.access import allow, current_actor, public
from clinic.web.limits import limit_booking

ONE_DAY = timedelta(days=1)


@blueprint.post("/appointments")
@public
def book() -> Response:
    """Book a visit."""
    actor, moment = current_actor(), now()
    limit_booking()
    refuse_onlookers(actor)
    body = read_body()
    refuse_strangers_override(body, actor=actor)

    def run() -> Visit:
        asked = _booking_asked(body, actor, moment)
        return book_appointment(wish=asked.wish, patient=asked.patient, actor=actor, now=moment)

    answer = posted(body=body, run=run, answer=lambda visit: (shown(visit), 201), now=moment)
    return appointment_answer(*answer)


def _booking_asked(body: JsonText, actor: Actor, moment: datetime) -> Booking:
    """What is asked for. What was just set up is not refused because this process missed it."""
    try:
        return read_booking(body, setting=remembered_setting(), actor=actor, now=moment)
    except Invalid:
        return read_booking(body, setting=get_setting(), actor=actor, now=moment)


@blueprint.get("/appointments")
@allow(*BOOKING_ROLES)
def list_appointments() -> Response:
    """The visits of some dates, by start, a hundred at a time; the look is put on record."""
    setting = get_setting()
    asked = read_visits_asked(list_known_practitioners())
    page = _page(asked, setting)
    record_look(
        action="appointments.listed",
        actor=current_actor(),
        now=now(),
        details={
            "from": asked.from_date.isoformat(),
            "to": asked.to_date.isoformat(),
            "practitioner": asked.practitioner,
            "status": asked.status,
            "count": len(page.visits),
        },
        seen=(f"patient:{visit.patient}" for visit in page.visits),
    )
    following = cursor_text(page.next_cursor) if page.next_cursor else None
    return json_answer({"appointments": [shown(one) for one in page.visits], "next": following})


def _page(asked: VisitsAsked, setting: Setting) -> VisitPage:
    zone = _zone(setting, asked.practitioner)
    return list_visits(
        starts_at=instant(start_of_day(day=asked.from_date, zone=zone)),
        ends_at=instant(start_of_day(day=asked.to_date + ONE_DAY, zone=zone)),
        practitioner=asked.practitioner,
        status=asked.status,
        after=asked.after,
    )


def _zone(setting: Setting, practitioner: str | None) -> str:
    """The zone that dates are meant in: the only location's, the clinic's among several."""
    places = tuple(setting.locations)
    if practitioner is not None and practitioner in setting.practitioners:
        places = works_at(setting=setting, practitioner=setting.practitioners[practitioner])
    return setting.locations[places[0]].zone if len(places) == 1 else setting.zone


@blueprint.get("/appointments/<public_id>")
@allow(*BOOKING_ROLES)
def show_appointment(public_id: str) -> Response:
    """One visit; the look is put on record."""
    visit = get_visit(asked_id(public_id))
    subject = f"appointment:{visit.public_id}"
    record_look(action="appointment.seen", actor=current_actor(), now=now(), subject=subject)
    return appointment_answer(shown(visit))


@blueprint.patch("/appointments/<public_id>")
@allow(*BOOKING_ROLES)
def move(public_id: str) -> Response:
    """Move a visit in one step, or leave it as it was."""
    version = read_version(needed=True)
    change = read_change(read_body(), version=version)
    with telling():
        visit = move_appointment(
            public_id=asked_id(public_id), change=change, actor=current_actor(), now=now()
        )
    return appointment_answer(shown(visit))


@blueprint.post(
    "/appointments/<public_id>/<any(confirm,arrive,'check-in',fulfil,'no-show',cancel,undo):action>"
)
@allow(*BOOKING_ROLES)
def step(public_id: str, action: str) -> Response:
    """Take a step with a visit; repeating the current state changes nothing."""
    actor, moment, wanted = current_actor(), now(), Action(action)
    body = read_body(may_be_empty=wanted is not Action.CANCEL)

    def run() -> Visit:
        return take_step(
            reason=read_step_reason(body, action=wanted),
            public_id=asked_id(public_id),
            action=wanted,
            actor=actor,
            now=moment,
            version=read_version(needed=False),
        )

    answer = posted(body=body, run=run, answer=lambda visit: (shown(visit), 200), now=moment)
    return appointment_answer(*answer)
