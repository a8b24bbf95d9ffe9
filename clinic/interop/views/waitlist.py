"""The waitlist: joined by anybody, read and worked by staff."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, url_for

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.values import Actor
from clinic.interop.forms.bodies import fields_of, read_body
from clinic.interop.forms.bookings import refuse_onlookers
from clinic.interop.forms.query_strings import read_entries_asked
from clinic.interop.forms.waitlist import read_entry_booking, read_wait
from clinic.interop.presenters.waitlist import entry_shown
from clinic.interop.rules.cursors import cursor_text
from clinic.interop.rules.json_text import JsonText
from clinic.interop.views.answers import asked_id, base_url, json_answer, posted
from clinic.interop.views.blueprint import blueprint
from clinic.scheduling.operations.waitlist import (
    WAITLIST_ROLES,
    book_for_entry,
    join_waitlist,
    withdraw_entry,
)
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.waitlist import WaitingEntry, get_entry, list_entries
from clinic.web.access import allow, current_actor, public
from clinic.web.limits import limit_booking


@blueprint.post("/waitlist")
@public
def join() -> Response:
    """Wait for a time that becomes free."""
    actor, moment = current_actor(), now()
    limit_booking()
    refuse_onlookers(actor)
    body = read_body()

    def run() -> WaitingEntry:
        asked = read_wait(body, setting=get_setting(), actor=actor, now=moment)
        return join_waitlist(wish=asked.wish, patient=asked.patient, actor=actor, now=moment)

    told, status = posted(body=body, run=run, answer=lambda found: (_shown(found), 201), now=moment)
    answer = json_answer(told, status)
    answer.headers["Location"] = url_for("api.show_entry", public_id=told["id"])
    return answer


@blueprint.get("/waitlist")
@allow(*WAITLIST_ROLES)
def list_waitlist() -> Response:
    """Entries by joining time, a hundred at a time; the look is put on record."""
    asked = read_entries_asked()
    page = list_entries(statuses=asked.statuses, after=asked.after, limit=100)
    record_look(
        action="waitlist.listed",
        actor=current_actor(),
        now=now(),
        details={"statuses": [one.value for one in asked.statuses], "count": len(page.entries)},
        seen=[f"patient:{one.patient}" for one in page.entries],
    )
    following = cursor_text(page.next_cursor) if page.next_cursor else None
    return json_answer({"entries": [_shown(one) for one in page.entries], "next": following})


@blueprint.get("/waitlist/<public_id>")
@allow(*WAITLIST_ROLES)
def show_entry(public_id: str) -> Response:
    """One entry; the look is put on record."""
    found = get_entry(asked_id(public_id))
    record_look(
        action="waitlist.seen",
        actor=current_actor(),
        now=now(),
        subject=f"waitlist:{found.public_id}",
        seen=[f"patient:{found.patient}"],
    )
    return json_answer(_shown(found))


@blueprint.post("/waitlist/<public_id>/withdraw")
@allow(*WAITLIST_ROLES)
def withdraw(public_id: str) -> Response:
    """Take somebody off the waitlist; a time that is held for them goes on to the next."""
    body = read_body(may_be_empty=True)

    def run(actor: Actor, moment: datetime) -> WaitingEntry:
        fields_of(body, allowed=()).faults.refuse()
        return withdraw_entry(public_id=asked_id(public_id), actor=actor, now=moment)

    return _take(body, run)


@blueprint.post("/waitlist/<public_id>/book")
@allow(*WAITLIST_ROLES)
def book_entry(public_id: str) -> Response:
    """Book a visit for somebody who waits, and end the entry with it."""
    body = read_body()

    def run(actor: Actor, moment: datetime) -> WaitingEntry:
        entry = get_entry(asked_id(public_id))
        wish = read_entry_booking(body, service=entry.service)
        return book_for_entry(public_id=entry.public_id, wish=wish, actor=actor, now=moment)

    return _take(body, run)


def _take(body: JsonText, do: Callable[[Actor, datetime], WaitingEntry]) -> Response:
    """Take the step once for its Idempotency-Key, or anew where it changes nothing."""
    actor, moment = current_actor(), now()
    told, status = posted(
        body=body,
        run=lambda: do(actor, moment),
        answer=lambda found: (_shown(found), 200),
        now=moment,
    )
    return json_answer(told, status)


def _shown(found: WaitingEntry) -> dict[str, Any]:
    return entry_shown(found, actor=current_actor(), base_url=base_url())
