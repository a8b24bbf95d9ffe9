"""The desk's page of messages: what went out, what did not, and sending it again."""

from datetime import timedelta

from flask import Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import Role
from clinic.messaging.delivery import (
    LATE,
    base_url,
    can_send,
    clinic_head,
    clinic_zone,
    sms_service,
)
from clinic.messaging.operations.choices import note_choice
from clinic.messaging.operations.resending import resend_message, settle_failure
from clinic.messaging.presenters import present_message, present_outbox
from clinic.messaging.previews import preview
from clinic.messaging.queries import count_waiting, get_message, is_any_untried, list_posted
from clinic.messaging.repeats import can_repeat
from clinic.messaging.rules import Channel, State, choice_of, seen_state
from clinic.messaging.twilio import is_signed
from clinic.messaging.views.blueprint import blueprint
from clinic.web.access import allow, current_actor, signed_by_caller

ROLES = (Role.ADMIN, Role.FRONT_DESK)
PAGE = 50
MOST_FAILED = 200
SOON = timedelta(hours=1)


@blueprint.get("/desk/messages")
@allow(*ROLES)
def outbox() -> ResponseReturnValue:
    """Given up ones first, then the latest, without what is planned for another time; their words
    are not shown."""
    before, at = request.args.get("before"), now()
    failed = () if before else list_posted(only=State.FAILED, limit=MOST_FAILED)
    recent = list_posted(before=before, due_by=at + SOON, limit=PAGE + 1)
    waiting = count_waiting(since=at - LATE)
    page = present_outbox(
        failed=failed,
        recent=recent,
        waiting=waiting,
        is_put_off=waiting > 0 and not is_any_untried(since=at - LATE),
        can_send=can_send(),
        done=request.args.get("done", ""),
        page_size=PAGE,
        zone=clinic_zone(),
    )
    seen = {message.about for message in (*failed, *recent[:PAGE])}
    record_look(action="messages.seen", actor=current_actor(), now=at, seen=sorted(seen))
    return render_template("messaging/outbox.html", page=page)


@blueprint.get("/desk/messages/<public_id>")
@allow(*ROLES)
def message(public_id: str) -> ResponseReturnValue:
    """One message: how it stands, and how it reads with its secrets covered."""
    return _page(public_id)


@blueprint.post("/desk/messages/<public_id>/resend")
@allow(*ROLES)
def resend(public_id: str) -> ResponseReturnValue:
    """Try one again that was given up, or tell once more what was told."""
    try:
        resend_message(
            public_id=public_id, actor=current_actor(), now=now(), seen=seen_state(request.form)
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(public_id, _(refusal.message)), refusal.status
    return redirect("/desk/messages?done=1", 303)


@blueprint.post("/desk/messages/<public_id>/settle")
@allow(*ROLES)
def settle(public_id: str) -> ResponseReturnValue:
    """Take one off the list of what was not delivered."""
    settle_failure(public_id=public_id, actor=current_actor(), now=now())
    return redirect("/desk/messages?done=settled", 303)


def _page(public_id: str, refused: str = "") -> str:
    posted, parcel = get_message(public_id=public_id)
    seen = {posted.about} | ({f"patient:{posted.patient}"} if posted.patient else set())
    record_look(
        action="message.seen",
        actor=current_actor(),
        now=now(),
        subject=f"message:{posted.public_id}",
        seen=sorted(seen),
    )
    page = present_message(
        message=posted,
        texts=preview(parcel=parcel) if parcel is not None else None,
        zone=clinic_zone(),
        can_repeat=can_repeat(posted),
        refused=refused,
    )
    return render_template("messaging/message.html", page=page)


@blueprint.post("/messages/sms/webhook")
@signed_by_caller
def sms_answer() -> ResponseReturnValue:
    """What somebody answered to a text: STOP and START count, anything else is told where we are.

    Only the text service is believed, by its signature over the fields and our own address.
    """
    service = sms_service()
    if service is None or not is_signed(
        token=service.token,
        url=f"{base_url()}{request.full_path.removesuffix('?')}",
        fields=request.form.items(multi=True),
        signature=request.headers.get("X-Twilio-Signature", ""),
    ):
        abort(403)
    asked = choice_of(
        words=request.form.get("Body", ""), opt_out_type=request.form.get("OptOutType", "")
    )
    if asked is not None:
        note_choice(
            channel=Channel.SMS,
            address=request.form.get("From", ""),
            choice=asked,
            source=f"answer:{request.form.get('MessageSid', '')[:60]}",
            now=now(),
        )
    words = "" if asked is not None else clinic_head().phone
    body = render_template("messaging/sms_answer.xml", phone=words)
    return Response(body, content_type="text/xml; charset=utf-8")
