"""Booking at the desk: find or make the patient, take a free time, or hear why it is none."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.desk.forms.booking import NewPatientForm, read_book_ask, read_moment, read_reason
from clinic.desk.presenters.asking import BookAsk, DayAsk, today_in
from clinic.desk.presenters.booking import (
    BookedView,
    RefusalView,
    present_booked,
    present_booking,
    present_refusal,
)
from clinic.desk.presenters.rows import name_of
from clinic.desk.queries.booking import (
    Caller,
    desk_query,
    explain,
    get_caller,
    list_free,
    same_time_next_week,
)
from clinic.desk.views.blueprint import DESK, blueprint
from clinic.messaging.delivery import can_send
from clinic.messaging.rules import Channel
from clinic.people.operations import register_patient
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.referrals import find_counter
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.offers import query_zone
from clinic.scheduling.rules.week_address import ChosenSlot, read_public_id, read_slot
from clinic.web.access import allow, current_actor

WEEK = timedelta(days=7)


@blueprint.get("/desk/book")
@allow(*DESK)
def book() -> ResponseReturnValue:
    """Whom to book for; with a patient, the next free times first."""
    if request.args.get("patient"):
        return _times_page(request.args)
    return _whom_page(_new_patient(formdata=None))


@blueprint.post("/desk/book/patient")
@allow(*DESK)
def add_patient() -> ResponseReturnValue:
    """Make the record of somebody who was never here, and go on to the times."""
    form, at = _new_patient(), now()
    details = form.read(today=clinic_date(at))
    if details is None:
        return _whom_page(form, status=422)
    made = register_patient(details=details, actor=current_actor(), now=at)
    after = f"&after={one.public_id}" if (one := _named(request.form, "after")) else ""
    return redirect(f"/desk/book?patient={made}{after}", 303)


@blueprint.post("/desk/book")
@allow(*DESK)
def book_time() -> ResponseReturnValue:
    """Book the chosen or typed time, or say why not and what is free instead."""
    caller, ask = _asked(request.form)
    query = _query(ask)
    chosen = _chosen(ask, query)
    if chosen is None:
        empty = RefusalView(
            _("Choose a time, or type a date and a time."), (), (), "", False, False
        )
        return _times_page(request.form, refusal=empty, status=422)
    reason = read_reason(request.form.get("reason", ""))
    wish = _wish(ask, chosen, reason)
    try:
        visit = book_appointment(
            wish=wish, patient=caller.details(), actor=current_actor(), now=now()
        )
    except Refusal as refusal:
        told = _refused(refusal, query, chosen, caller)
        return _times_page(request.form, refusal=told, status=refusal.status)
    return redirect(f"/desk/book?booked={visit.public_id}", 303)


def _new_patient(**more: Any) -> NewPatientForm:
    return NewPatientForm(offers_texts=can_send(Channel.SMS), **more)


def _whom_page(form: NewPatientForm, *, status: int = 200) -> ResponseReturnValue:
    after = _named(request.values, "after")
    booked = _named(request.values, "booked")
    for seen in (after, booked):
        if seen is not None:
            _record(seen.patient)
    return render_template(
        "desk/book_whom.html",
        form=form,
        after=after.public_id if after else "",
        beside=name_of(after) if after else "",
        booked=_booked(booked) if booked else None,
    ), status


def _booked(visit: Visit) -> BookedView:
    day = today_in(visit.zone, visit.starts_at)
    ask = DayAsk(day=day, zone=visit.zone, today=today_in(visit.zone, now()))
    return present_booked(visit=visit, day_href=f"{ask.address()}#v-{visit.public_id}")


def _times_page(
    values: Mapping[str, str], *, refusal: RefusalView | None = None, status: int = 200
) -> ResponseReturnValue:
    caller, ask = _asked(values)
    query, at = _query(ask), now()
    after = _named(values, "after")
    _record(caller.patient.public_id)
    is_next = after is not None and after.patient == ask.patient
    best = same_time_next_week(query=query, visit=after, now=at) if after and is_next else None
    since = int(after.ends_at.timestamp()) if after and not is_next else 0
    view = present_booking(
        caller=caller,
        ask=ask,
        setting=query.setting,
        slots=list_free(query=query, since=ask.since, not_before=since, now=at),
        best=best,
        refusal=refusal,
        counter=find_counter(
            patient=caller.patient.public_id, setting=query.setting, day=ask.since
        ),
        typed=(values.get("date", "")[:10], values.get("time", "")[:5]),
    )
    return render_template("desk/book_time.html", page=view), status


def _asked(values: Mapping[str, str]) -> tuple[Caller, BookAsk]:
    at, setting = now(), get_setting()
    caller = get_caller(public_id=read_public_id(values.get("patient", "")), now=at)
    after = _named(values, "after")
    begins = clinic_date(at)
    if after is not None and not values.get("since"):
        day = today_in(setting.zone, after.starts_at)
        begins = max(begins, day + WEEK if after.patient == caller.patient.public_id else day)
    ask = read_book_ask(
        values=values,
        patient=caller.patient.public_id,
        setting=setting,
        today=begins,
        last=after or caller.last,
    )
    if ask is None:
        raise NotFound
    return caller, ask


def _query(ask: BookAsk) -> Query:
    return desk_query(
        setting=get_setting(),
        service=ask.service.slug,
        practitioner=ask.practitioner,
        state=ask.state,
        now=now(),
    )


def _chosen(ask: BookAsk, query: Query) -> ChosenSlot | None:
    pressed = read_slot(request.form.get("slot", ""))
    if pressed is not None:
        known = query.setting.practitioners, query.setting.locations
        is_live = all(
            slug is None or slug in live
            for slug, live in zip((pressed.practitioner, pressed.location), known, strict=True)
        )
        return pressed if is_live else None
    at = read_moment(values=request.form, zone=query_zone(query=query))
    return ChosenSlot(int(at.timestamp()), ask.practitioner, None) if at else None


def _wish(ask: BookAsk, chosen: ChosenSlot, reason: str | None) -> Wish:
    return Wish(
        service=ask.service.slug,
        starts_at=instant(chosen.start),
        practitioner=chosen.practitioner,
        location=chosen.location,
        state=ask.state,
        override_reason=reason,
        follows=ask.after or None,
    )


def _refused(refusal: Refusal, query: Query, chosen: ChosenSlot, caller: Caller) -> RefusalView:
    named = replace(query, practitioner=chosen.practitioner, location=chosen.location)
    return present_refusal(
        refused=explain(query=named, start=chosen.start, now=now(), patient_id=caller.patient.id),
        query=named,
        start=chosen.start,
        alternatives=refusal.alternatives if isinstance(refusal, SlotTaken) else (),
        patient=caller.patient.given_name,
        needs_reason="insist" in request.form,
    )


def _named(values: Mapping[str, str], field: str) -> Visit | None:
    """The visit that a field names; None for none."""
    try:
        return get_visit(read_public_id(values.get(field, "")))
    except NotFound:
        return None


def _record(patient: str) -> None:
    record_look(
        action="desk.looked", actor=current_actor(), now=now(), subject=f"patient:{patient}"
    )
