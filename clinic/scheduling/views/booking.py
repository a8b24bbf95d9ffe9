"""From the list of services to a held time."""

from datetime import datetime
from urllib.parse import quote

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.intake.queries.screening import find_screening
from clinic.scheduling.operations.holding import hold_time
from clinic.scheduling.operations.refusals import CallClinic
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.presenters.services import present_services
from clinic.scheduling.presenters.weeks import state_field
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import currency, get_setting
from clinic.scheduling.queries.weeks import find_next_free_by_service
from clinic.scheduling.rules.setting import Service
from clinic.scheduling.rules.week_address import ChosenSlot, read_slot
from clinic.scheduling.views.pages import (
    HOLD,
    Notice,
    ask_of_address,
    blueprint,
    load_service,
    local_day,
    week_page,
)
from clinic.web.access import public
from clinic.web.limits import limit_booking
from clinic.web.packing import packed
from clinic.web.visitors import named_visitor, visitor_of_browser


@blueprint.get("/book")
@public
@packed
def services() -> ResponseReturnValue:
    """What can be booked, with the next free time of each."""
    setting = get_setting()
    groups = present_services(
        setting=setting,
        next_free=find_next_free_by_service(setting=setting, now=now()),
        currency=currency(),
    )
    return render_template("scheduling/services.html", groups=groups)


@blueprint.get("/book/<service>")
@public
@packed
def choose_time(service: str) -> ResponseReturnValue:
    """A week of times; for a video visit the patient's state is asked first."""
    at = now()
    setting, wanted = load_service(service)
    before = elsewhere(wanted, at)
    if before is not None:
        return before
    ask, frame = ask_of_address(setting=setting, service=wanted, at=at)
    if wanted.is_telehealth and ask.state is None:
        return state_page(wanted)
    return week_page(frame=frame, day=ask.whole_day or ask.week, at=at)


@blueprint.post("/book/<service>")
@public
def hold(service: str) -> ResponseReturnValue:
    """Hold the chosen time for this browser and go on to the details."""
    limit_booking()
    at = now()
    setting, wanted = load_service(service)
    before = elsewhere(wanted, at)
    if before is not None:
        return before
    ask, frame = ask_of_address(setting=setting, service=wanted, at=at)
    chosen = read_slot(request.form.get("slot", ""))
    if chosen is None:
        notice = Notice(_("Please choose one of the times below."))
        return week_page(frame=frame, day=ask.week, at=at, notice=notice, status=422)
    try:
        held = hold_time(wish=wish_of(chosen, service, ask.state), visitor=named_visitor(), now=at)
    except Refusal as refusal:
        day = local_day(chosen.start, setting.zone)
        return week_page(frame=frame, day=day, at=at, refusal=refusal, status=refusal.status)
    session[HOLD] = held.public_id
    return redirect(f"/book/{service}/{held.public_id}", 303)


def wish_of(chosen: ChosenSlot, service: str, state: str | None) -> Wish:
    """The wish behind a pressed button."""
    return Wish(
        service=service,
        starts_at=instant(chosen.start),
        practitioner=chosen.practitioner,
        location=chosen.location,
        state=state,
    )


def elsewhere(
    service: Service, at: datetime, *, then: str | None = None
) -> ResponseReturnValue | None:
    """The page that comes before any time of this service, None where times may be shown.

    ``then`` is where questions about safety lead on to, the service's times where it is not said.
    """
    if not service.online:
        words = _("This is booked by phone, so that we can find what suits you.")
        return render_template("scheduling/by_phone.html", service=service, words=words)
    if not service.safety_screen:
        return None
    visitor = visitor_of_browser()
    found = find_screening(visitor=visitor, now=at) if visitor else None
    if found is None:
        return redirect(f"/intake/questions?then={quote(then or f'/book/{service.slug}')}", 303)
    if not found.may_book:
        words = _(CallClinic.message)
        return render_template("scheduling/by_phone.html", service=service, words=words)
    return None


def state_page(service: Service) -> ResponseReturnValue:
    """Ask in which state somebody will be during a video visit."""
    error = _("Choose the state you will be in") if "state" in request.args else ""
    status = 422 if error else 200
    field = state_field(error=error)
    return render_template("scheduling/ask_state.html", service=service, field=field), status
