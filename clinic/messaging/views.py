"""The desk's page of messages: what went out, what did not, and sending it again."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.values import Role
from clinic.messaging.delivery import can_send, clinic_zone
from clinic.messaging.operations.resending import resend_message
from clinic.messaging.presenters import present_outbox
from clinic.messaging.queries import count_waiting, list_posted
from clinic.messaging.rules import State
from clinic.web.access import allow, current_actor

blueprint = Blueprint("messaging", __name__)

ROLES = (Role.ADMIN, Role.FRONT_DESK)
PAGE = 50
MOST_FAILED = 200
LATE = timedelta(minutes=2)


@blueprint.get("/desk/messages")
@allow(*ROLES)
def outbox() -> ResponseReturnValue:
    """Given up ones first, then the latest; their words are not shown."""
    before, at = request.args.get("before"), now()
    failed = () if before else list_posted(only=State.FAILED, limit=MOST_FAILED)
    recent = list_posted(before=before, limit=PAGE + 1)
    page = present_outbox(
        failed=failed,
        recent=recent,
        waiting=count_waiting(since=at - LATE),
        can_send=can_send(),
        is_done="done" in request.args,
        page_size=PAGE,
        zone=clinic_zone(),
    )
    seen = {message.about for message in (*failed, *recent[:PAGE])}
    record_look(action="messages.seen", actor=current_actor(), now=at, seen=sorted(seen))
    return render_template("messaging/outbox.html", page=page)


@blueprint.post("/desk/messages/<public_id>/resend")
@allow(*ROLES)
def resend(public_id: str) -> ResponseReturnValue:
    """Try one again that was given up."""
    resend_message(public_id=public_id, actor=current_actor(), now=now())
    return redirect("/desk/messages?done=1", 303)
