"""Calendars by subscription: the file itself, and the page of practitioners' addresses."""

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.values import PUBLIC, Role
from clinic.scheduling.operations.feeds import end_practitioner_feed, make_practitioner_feed
from clinic.scheduling.presenters.calendar_files import present_feed
from clinic.scheduling.presenters.feeds import present_feeds
from clinic.scheduling.queries.feeds import get_feed, list_feed_states, list_visits_of, state_of
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.views.pages import blueprint
from clinic.web.access import allow, current_actor, public
from config import Config

MANAGERS = (Role.ADMIN,)
PATH = "/desk/calendars"


@blueprint.get("/calendar/<token>.ics")
@public
def calendar_feed(token: str) -> Response:
    """Somebody's visits for a calendar program, or 304 when it knows them already."""
    config: Config = current_app.config["CLINIC"]
    at, setting = now(), get_setting()
    feed = get_feed(token, today=clinic_date(at))
    visits = list_visits_of(feed, now=at)
    etag = state_of(visits, version=setting.version)
    if etag in request.if_none_match:
        return _answer(etag, b"", 304)
    if feed.patient is not None:
        subject = f"patient:{feed.patient}"
        record_look(action="calendar-feed.read", actor=PUBLIC, now=at, subject=subject)
    body = present_feed(
        visits=visits,
        clinic=setting.name,
        is_practitioners=feed.practitioner is not None,
        base_url=config.base_url,
        now=at,
    )
    return _answer(etag, body, 200)


@blueprint.get(PATH)
@allow(*MANAGERS)
def calendars() -> ResponseReturnValue:
    """Which practitioners have an address for their calendar program."""
    return _page()


@blueprint.post(f"{PATH}/<practitioner>/make")
@allow(*MANAGERS)
def make_calendar(practitioner: str) -> ResponseReturnValue:
    """Make a new address and show it, once."""
    token = make_practitioner_feed(practitioner=practitioner, actor=current_actor(), now=now())
    return _page(practitioner, token)


@blueprint.post(f"{PATH}/<practitioner>/end")
@allow(*MANAGERS)
def end_calendar(practitioner: str) -> ResponseReturnValue:
    """Let an address find nothing any more."""
    end_practitioner_feed(practitioner=practitioner, actor=current_actor(), now=now())
    return _page()


def _page(made_for: str = "", token: str = "") -> str:
    config: Config = current_app.config["CLINIC"]
    page = present_feeds(
        states=list_feed_states(),
        zone=get_setting().zone,
        made_for=made_for,
        address=f"{config.base_url}/calendar/{token}.ics" if token else "",
    )
    return render_template("scheduling/calendars.html", page=page)


def _answer(etag: str, body: bytes, status: int) -> Response:
    answer = Response(body, status=status, content_type="text/calendar; charset=utf-8")
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Disposition"] = 'attachment; filename="visits.ics"'
    return answer
