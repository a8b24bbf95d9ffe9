"""Visit requests: sent by anybody, read, answered, scheduled and declined by staff."""

from collections.abc import Callable
from typing import Any

from flask import Response, url_for

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.interop.forms.bodies import read_body
from clinic.interop.forms.bookings import read_version, refuse_onlookers
from clinic.interop.forms.query_strings import read_requests_asked
from clinic.interop.forms.visit_requests import (
    read_answer,
    read_offers,
    read_schedule,
    read_visit_request,
)
from clinic.interop.presenters.visit_requests import visit_request_shown
from clinic.interop.rules.cursors import cursor_text
from clinic.interop.rules.json_text import JsonText
from clinic.interop.views.answers import asked_id, base_url, json_answer, posted
from clinic.interop.views.blueprint import blueprint
from clinic.scheduling.operations.requests import (
    Step,
    answer_request,
    decline_request,
    request_visit,
    schedule_request,
)
from clinic.scheduling.operations.requests.offers import offer_times
from clinic.scheduling.operations.requests.wishes import REQUEST_ROLES
from clinic.scheduling.queries.requests import RequestedVisit, get_request, list_requests
from clinic.scheduling.queries.setting import get_setting
from clinic.web.access import allow, current_actor, public
from clinic.web.limits import limit_booking


@blueprint.post("/visit-requests")
@public
def ask_for_visit() -> Response:
    """Ask for a visit; a person answers."""
    actor, moment = current_actor(), now()
    limit_booking()
    refuse_onlookers(actor)
    body = read_body()

    def run() -> RequestedVisit:
        asked = read_visit_request(body, setting=get_setting(), actor=actor, now=moment)
        return request_visit(wish=asked.wish, patient=asked.patient, actor=actor, now=moment)

    told, status = posted(body=body, run=run, answer=lambda found: (_shown(found), 201), now=moment)
    answer = json_answer(told, status)
    answer.headers["Location"] = url_for("api.show_visit_request", public_id=told["id"])
    return answer


@blueprint.get("/visit-requests")
@allow(*REQUEST_ROLES)
def list_visit_requests() -> Response:
    """Requests by age, a hundred at a time; the look is put on record."""
    asked = read_requests_asked()
    page = list_requests(statuses=asked.statuses, after=asked.after, limit=100)
    record_look(
        action="visit-requests.listed",
        actor=current_actor(),
        now=now(),
        details={"statuses": [one.value for one in asked.statuses], "count": len(page.requests)},
        seen=[f"patient:{one.patient}" for one in page.requests],
    )
    following = cursor_text(page.next_cursor) if page.next_cursor else None
    found = [_shown(one) for one in page.requests]
    return json_answer({"visit_requests": found, "next": following})


@blueprint.get("/visit-requests/<public_id>")
@allow(*REQUEST_ROLES)
def show_visit_request(public_id: str) -> Response:
    """One request; the look is put on record."""
    found = get_request(asked_id(public_id))
    record_look(
        action="visit-request.seen",
        actor=current_actor(),
        now=now(),
        subject=f"visit-request:{found.public_id}",
        seen=[f"patient:{found.patient}"],
    )
    return _answer(_shown(found))


@blueprint.post("/visit-requests/<public_id>/schedule")
@allow(*REQUEST_ROLES)
def schedule_visit_request(public_id: str) -> Response:
    """Book a visit for the one who asked, and close the request with it."""
    body = read_body()
    return _take(
        public_id,
        body,
        lambda step: schedule_request(step=step, wish=read_schedule(body, setting=get_setting())),
    )


@blueprint.post("/visit-requests/<public_id>/offer")
@allow(*REQUEST_ROLES)
def offer_for_visit_request(public_id: str) -> Response:
    """Hold up to three times for the one who asked, who chooses on the page of status_url."""
    body = read_body()
    return _take(
        public_id,
        body,
        lambda step: offer_times(step=step, wishes=read_offers(body, setting=get_setting())),
    )


@blueprint.post("/visit-requests/<public_id>/answer")
@allow(*REQUEST_ROLES)
def answer_visit_request(public_id: str) -> Response:
    """Answer in words that the patient reads."""
    body = read_body()
    return _take(
        public_id,
        body,
        lambda step: answer_request(step=step, message=read_answer(body, name="message")),
    )


@blueprint.post("/visit-requests/<public_id>/decline")
@allow(*REQUEST_ROLES)
def decline_visit_request(public_id: str) -> Response:
    """Decline with a reason that the patient reads."""
    body = read_body()
    return _take(
        public_id,
        body,
        lambda step: decline_request(step=step, reason=read_answer(body, name="reason")),
    )


def _take(public_id: str, body: JsonText, do: Callable[[Step], RequestedVisit]) -> Response:
    """Take the step once for its Idempotency-Key, or anew where it changes nothing."""
    actor, moment = current_actor(), now()

    def run() -> RequestedVisit:
        return do(
            Step(
                public_id=asked_id(public_id),
                actor=actor,
                now=moment,
                version=read_version(needed=False),
            )
        )

    told, _status = posted(
        body=body, run=run, answer=lambda found: (_shown(found), 200), now=moment
    )
    return _answer(told)


def _answer(told: dict[str, Any]) -> Response:
    answer = json_answer(told)
    answer.headers["ETag"] = f'"{told["version"]}"'
    return answer


def _shown(found: RequestedVisit) -> dict[str, Any]:
    return visit_request_shown(found, actor=current_actor(), base_url=base_url())
