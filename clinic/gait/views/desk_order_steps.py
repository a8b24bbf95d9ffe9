"""What the desk and the lab do with an order, each step a form of its page."""

from collections.abc import Callable

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Invalid, Refusal
from clinic.core.values import Role
from clinic.documents.lab_files import LARGEST_LAB_BYTES, lab_ending
from clinic.documents.operations import NewDocument, store_document
from clinic.documents.rules import Kind
from clinic.gait.forms.desk import AcceptForm, CancelOrderForm, NoteForm, RefundForm, ReportForm
from clinic.gait.operations import releasing
from clinic.gait.operations.scheduling import schedule_order
from clinic.gait.presenters.desk_places import DESK_ORDERS
from clinic.gait.queries.whole import get_whole_order
from clinic.gait.rules.asked import fingerprint
from clinic.gait.views.blueprint import blueprint
from clinic.gait.views.desk_lists import VIEWERS
from clinic.gait.views.desk_orders import (
    Typed,
    back_to,
    desk_order_page,
    notice_until_visit,
)
from clinic.gait.views.states import read_state
from clinic.payments.operations.accepting import accept_amount
from clinic.payments.operations.orders import Submission, pay_at_desk
from clinic.payments.operations.story import settle_task
from clinic.payments.queries.orders import get_order
from clinic.payments.refunding import cancel_order, request_refund
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.rules.week_address import read_public_id, read_slot
from clinic.web.access import allow, current_actor
from clinic.web.uploads import takes_files

CASHIERS = (Role.ADMIN, Role.FRONT_DESK)
LAB = (Role.GAIT_LAB,)
ONE = f"{DESK_ORDERS}/<public_id>"


@blueprint.post(f"{ONE}/refund")
@allow(*CASHIERS)
def refund_order(public_id: str) -> ResponseReturnValue:
    """Give money back, with a reason; pressing twice gives back once."""
    order, form = get_order(read_public_id(public_id)), RefundForm()
    typed = form.read()
    if typed is None:
        return desk_order_page(order, typed=Typed(refund=form))
    cents, reason = typed
    key = form.submission()
    return _take(
        public_id,
        "refunded",
        lambda: request_refund(
            public_id=public_id,
            cents=cents,
            reason=reason,
            actor=current_actor(),
            now=now(),
            submission=Submission(f"refund:{key}", fingerprint(public_id, cents)) if key else None,
        ),
    )


@blueprint.post(f"{ONE}/accept")
@allow(*CASHIERS)
def accept_what_came(public_id: str) -> ResponseReturnValue:
    """Let another amount than the one that was asked be enough, with a reason."""
    order, form = get_order(read_public_id(public_id)), AcceptForm()
    why = form.read()
    if why is None:
        return desk_order_page(order, typed=Typed(accept=form))
    return _take(
        public_id,
        "accepted",
        lambda: accept_amount(public_id=public_id, reason=why, actor=current_actor(), now=now()),
    )


@blueprint.post(f"{ONE}/cancel")
@allow(*CASHIERS)
def cancel_order_at_desk(public_id: str) -> ResponseReturnValue:
    """Cancel the order and its visit; the rule's share goes back, or what was typed."""
    order, form, at = get_order(read_public_id(public_id)), CancelOrderForm(), now()
    typed = form.read()
    if typed is None:
        return desk_order_page(order, typed=Typed(cancel=form))
    notice = notice_until_visit(get_whole_order(order, now=at), at)
    return _take(
        public_id,
        "cancelled",
        lambda: cancel_order(
            public_id=public_id,
            actor=current_actor(),
            now=at,
            notice=notice,
            reason=typed[0],
            cents=typed[1],
        ),
    )


@blueprint.post(f"{ONE}/schedule")
@allow(*VIEWERS)
def schedule_at_desk(public_id: str) -> ResponseReturnValue:
    """Book the lab visit of a paid order."""
    order = get_order(read_public_id(public_id))
    chosen = read_slot(f"{request.form.get('at', '')}||")
    if chosen is None:
        return desk_order_page(order, refusal=Invalid({}, _("Please choose one of the times.")))
    return _take(
        public_id,
        "scheduled",
        lambda: schedule_order(
            public_id=public_id,
            starts_at=instant(chosen.start),
            state=read_state(request.form.get("state", "")),
            actor=current_actor(),
            now=now(),
        ),
    )


@blueprint.post(f"{ONE}/pay")
@allow(*CASHIERS)
def take_payment(public_id: str) -> ResponseReturnValue:
    """Note that it was paid here, in cash or at the terminal."""
    get_order(read_public_id(public_id))
    method = request.form.get("method", "")
    return _take(
        public_id,
        "paid",
        lambda: pay_at_desk(public_id=public_id, method=method, actor=current_actor(), now=now()),
    )


@blueprint.post(f"{ONE}/lab")
@allow(*LAB)
def lab_step(public_id: str) -> ResponseReturnValue:
    """Recorded, not recorded after all, released, or taken back."""
    order = get_order(read_public_id(public_id))
    steps: dict[str, Callable[..., None]] = {
        "recorded": releasing.record_lab_visit,
        "not-recorded": releasing.unrecord_lab_visit,
        "released": releasing.release_report,
        "taken-back": releasing.take_report_back,
    }
    pressed = request.form.get("do", "")
    if pressed not in steps:
        refusal = Invalid({}, _("That button is not known. Nothing was changed."))
        return desk_order_page(order, refusal=refusal)
    step = steps[pressed]
    return _take(
        public_id, pressed, lambda: step(public_id=public_id, actor=current_actor(), now=now())
    )


@blueprint.post(f"{ONE}/report")
@allow(*LAB)
@takes_files
def hand_in_report(public_id: str) -> ResponseReturnValue:
    """Keep the report, a picture that belongs to it or the lab's own file, encrypted."""
    order, form = get_order(read_public_id(public_id)), ReportForm()
    upload = request.files.get("report")
    content = upload.stream.read(LARGEST_LAB_BYTES + 1) if upload else b""
    if not form.validate() or upload is None or not content:
        form.report.errors = [_("Choose a file that is not empty.")]
        return desk_order_page(order, typed=Typed(report=form))
    new = NewDocument(
        patient=order.patient,
        kind=Kind.GAIT_DATA if lab_ending(upload.filename or "") else Kind.GAIT_REPORT,
        about=f"order:{order.public_id}",
        name=upload.filename or "",
        content=content,
    )
    return _take(
        public_id,
        "handed-in",
        lambda: store_document(new=new, actor=current_actor(), now=now()),
    )


@blueprint.post(f"{ONE}/note")
@allow(*VIEWERS)
def note_order(public_id: str) -> ResponseReturnValue:
    """A note for colleagues in the order's story."""
    order, form = get_order(read_public_id(public_id)), NoteForm()
    try:
        releasing.add_note(
            public_id=public_id, text=form.note.data or "", actor=current_actor(), now=now()
        )
    except Invalid as refusal:
        form.note.errors = [_(refusal.errors["note"][0])]
        return desk_order_page(order, typed=Typed(note=form))
    return back_to(public_id, "noted")


@blueprint.post(f"{ONE}/tasks/<task>")
@allow(*VIEWERS)
def settle(public_id: str, task: str) -> ResponseReturnValue:
    """Take something off the list of what needs a person."""
    get_order(read_public_id(public_id))
    note = (request.form.get("note") or "").strip()[:1000] or None
    wanted = read_public_id(task)
    return _take(
        public_id,
        "settled",
        lambda: settle_task(public_id=wanted, note=note, actor=current_actor(), now=now()),
    )


def _take(public_id: str, done: str, step: Callable[[], object]) -> ResponseReturnValue:
    """Take a step; a refusal stands on the page as the order is now."""
    try:
        step()
    except Refusal as refusal:
        return desk_order_page(get_order(public_id), refusal=refusal)
    return back_to(public_id, done)
