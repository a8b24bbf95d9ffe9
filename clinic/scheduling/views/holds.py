"""A held time: who is coming, and the booked visit at the same address."""

from datetime import datetime

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.messaging.delivery import can_send
from clinic.messaging.rules import Channel
from clinic.people.asking.party import Party, asked_party
from clinic.scheduling.forms.clocks import ClockForm
from clinic.scheduling.operations.holding import book_held_time, hold_time
from clinic.scheduling.operations.holding import let_go as let_go_hold
from clinic.scheduling.operations.refusals import HoldLapsed, LimitReached, PatientBusy, SlotTaken
from clinic.scheduling.presenters.times import clock_words
from clinic.scheduling.presenters.visits import present_hold, present_visit
from clinic.scheduling.presenters.weeks import Frame, WeekView, present_week, slot_value
from clinic.scheduling.queries.diary import seconds
from clinic.scheduling.queries.holds import HeldTime, get_held_time
from clinic.scheduling.queries.links import visit_token
from clinic.scheduling.queries.setting import currency, get_setting
from clinic.scheduling.queries.visit_forms import find_forms
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.queries.weeks import find_week, list_places
from clinic.scheduling.rules.week_address import Ask, read_public_id, read_slot
from clinic.scheduling.views.booking import wish_of
from clinic.scheduling.views.pages import (
    HOLD,
    Notice,
    blueprint,
    clinic_today,
    local_day,
    notice_of,
    query_of_ask,
)
from clinic.web.access import public
from clinic.web.limits import limit_booking
from clinic.web.visitors import visitor_of_browser


@blueprint.get("/book/<service>/<hold>")
@public
def details(service: str, hold: str) -> ResponseReturnValue:
    """Ask who is coming; once it is booked, say so."""
    at = now()
    held = held_here(service, hold)
    if held.visit is not None:
        return _booked(held, at)
    return details_page(held, asked_booker(), at, notice=_lapsed_notice(held, at))


@blueprint.post("/book/<service>/<hold>")
@public
def book(service: str, hold: str) -> ResponseReturnValue:
    """Book the held time for whoever the form names; sending it twice books once."""
    limit_booking()
    held = held_here(service, hold)
    if held.visit is not None:
        return redirect(path_of(held), 303)
    party = asked_booker()
    is_again = "again" in request.form
    pressed = read_slot(request.form.get("again" if is_again else "slot", ""))
    if pressed is None:
        return _book(held, party)
    try:
        wish = wish_of(pressed, service, held.state)
        other = hold_time(wish=wish, visitor=visitor_here(), now=now())
    except Refusal as refusal:
        return _refused(held, party, refusal)
    session[HOLD] = other.public_id
    if party.form.is_begun():
        return details_page(other, party, now()) if is_again else _book(other, party)
    return redirect(f"{path_of(other)}{party.query}", 303)


@blueprint.post("/book/<service>/<hold>/let-go")
@public
def let_go(service: str, hold: str) -> ResponseReturnValue:
    """Give the held time back."""
    held = held_here(service, hold)
    let_go_hold(public_id=held.public_id, visitor=visitor_here(), now=now())
    return redirect(_ask(held).address(f"/book/{service}"), 303)


def asked_booker() -> Party:
    """Who is coming, with a wish for texts where there is a service to take them."""
    return asked_party(offers_texts=can_send(Channel.SMS))


def _book(held: HeldTime, party: Party) -> ResponseReturnValue:
    at = now()
    patient = party.form.read(today=clinic_today(get_setting()))
    if patient is None:
        notice = _lapsed_notice(held, at)
        return details_page(held, party, at, notice=notice, status=422)
    try:
        book_held_time(
            public_id=held.public_id,
            visitor=visitor_here(),
            patient=patient,
            actor=party.actor,
            now=at,
            patient_zone=ClockForm().own_zone() if _is_video(held) else None,
        )
    except Refusal as refusal:
        return _refused(held, party, refusal)
    return redirect(path_of(held), 303)


def _refused(held: HeldTime, party: Party, refusal: Refusal) -> ResponseReturnValue:
    notice = notice_of(refusal)
    if isinstance(refusal, SlotTaken | HoldLapsed):
        is_lapsed = isinstance(refusal, HoldLapsed)
        title = _("We could no longer hold this time.") if is_lapsed else notice.title
        notice = Notice(title, _("What you typed is kept: choose another time below."))
    elif isinstance(refusal, LimitReached | PatientBusy):
        notice = Notice(
            notice.title, _("Choose a time on another day, or call us and we find one together.")
        )
    return details_page(held, party, now(), notice=notice, status=refusal.status, has_times=True)


def details_page(
    held: HeldTime,
    party: Party,
    at: datetime,
    *,
    notice: Notice | None = None,
    status: int = 200,
    has_times: bool = False,
) -> ResponseReturnValue:
    """The page that asks who comes; with a week of other times where this one may be lost."""
    setting = get_setting()
    view = present_hold(held=held, setting=setting, currency=currency(), now=at)
    week, again = _other_times(held, at) if has_times or not view.is_live else (None, "")
    return render_template(
        "scheduling/details.html",
        form=party.form,
        party=party,
        clock=ClockForm() if _is_video(held) else None,
        hold=view,
        notice=notice,
        week=week,
        again=again,
        back_to=_ask(held).address(f"/book/{held.service}", week=held.local.date()),
        path=path_of(held),
        policy=setting.policy,
    ), status


def _is_video(held: HeldTime) -> bool:
    service = get_setting().services.get(held.service)
    return service is not None and service.is_telehealth


def _booked(held: HeldTime, at: datetime) -> ResponseReturnValue:
    visit = get_visit(held.visit or "")
    token = visit_token(visit)
    if visit.status != "booked":
        return redirect(f"/visits/{token}", 303)
    view = present_visit(visit=visit, setting=get_setting(), currency=currency(), now=at)
    return render_template(
        "scheduling/booked.html", visit=view, manage=f"/visits/{token}", forms=find_forms(visit)
    )


def _other_times(held: HeldTime, at: datetime) -> tuple[WeekView | None, str]:
    """The week around a time that was lost; None when the service is no longer offered.

    With it what holds that very time once more, "" where somebody else has it by now.
    """
    setting = get_setting()
    if held.service not in setting.services:
        return None, ""
    ask = _ask(held)
    query = query_of_ask(ask=ask, setting=setting, at=at)
    frame = Frame(
        path=f"/book/{held.service}",
        ask=ask,
        query=query,
        has_filters=False,
        held_start=seconds(held.starts_at) if held.is_live(at) else None,
    )
    day = local_day(seconds(held.starts_at), held.zone)
    week = find_week(query=query, day=day, now=at)
    free = (slot for plan in week.plans for slot in plan.slots)
    same = next((slot for slot in free if slot.start == seconds(held.starts_at)), None)
    again = slot_value(same, frame) if same and ask.practitioner else ""
    return present_week(week=week, frame=frame), again


def _ask(held: HeldTime) -> Ask:
    """What this visitor had asked for, as far as the hold tells."""
    setting = get_setting()
    service = setting.services.get(held.service)
    is_video = service is not None and service.is_telehealth
    ask = Ask(
        service=held.service,
        practitioner=held.practitioner if held.practitioner in setting.practitioners else None,
        state=held.state if is_video else None,
    )
    if service is None or is_video:
        return ask
    places = list_places(query=query_of_ask(ask=ask, setting=setting, at=now()))
    has_choice = len(places) > 1 and held.location in places
    return Ask(
        service=ask.service,
        practitioner=ask.practitioner,
        location=held.location if has_choice else None,
    )


def _lapsed_notice(held: HeldTime, at: datetime) -> Notice | None:
    if held.is_live(at):
        return None
    until = clock_words(held.expires_at, zone=held.zone)
    title = (
        _("You let this time go.")
        if held.is_released and at < held.expires_at
        else _("We held this time until %(until)s.", until=until)
    )
    return Notice(
        title,
        _("If it is still free you can hold it again, or choose another time below."),
    )


def held_here(service: str, hold: str) -> HeldTime:
    """The hold of an address if this browser has it; NotFound otherwise."""
    held = get_held_time(public_id=read_public_id(hold), visitor=visitor_here())
    if held.service != service:
        raise NotFound
    return held


def visitor_here() -> str:
    """Who this browser is; NotFound for one that never held a time."""
    visitor = visitor_of_browser()
    if visitor is None:
        raise NotFound
    return visitor


def path_of(held: HeldTime) -> str:
    """The address of a held time."""
    return f"/book/{held.service}/{held.public_id}"
