"""Sending again what was given up, and telling again what was told; or leaving it at that."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from clinic.core import audit
from clinic.core.crypto import CannotOpen
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import Actor
from clinic.messaging.models import Message
from clinic.messaging.operations.posting import post_message
from clinic.messaging.queries import Parcel, address_mac, get_message, open_parcel
from clinic.messaging.repeats import (
    Draft,
    NothingToRepeat,
    Way,
    draft_anew,
    is_true,
    list_true,
    list_wanted,
    way_of,
)
from clinic.messaging.rules import ASKED_ANEW, REPEAT, Channel, State

REPLACED = "sent again as another message"
SETTLED = "settled at the desk"
LONGEST_ERROR = 120
SOON = timedelta(hours=1)
"""What waits longer than this is not on its way: a reminder before another day."""


class NeverTwice(Refusal):
    """A code, or a link that works once: a new one is asked for where it is needed."""

    code = "never-twice"
    message = "This is never sent twice."


class ToldOnce(Refusal):
    """It went out, and tells of a moment: there is nothing to tell anew."""

    code = "told-once"
    message = "This was sent, and is told once only."


class OnItsWay(Refusal):
    """A message about the same waits to be sent."""

    code = "on-its-way"
    message = "A message about this is on its way already."


class LookedOld(Refusal):
    """It was sent, or given up, after the page with the button was opened."""

    code = "changed-meanwhile"
    message = "This message has changed since this page was opened. Look at it again first."


class TooLate(Refusal):
    """The time in which it was of use has passed."""

    code = "too-late"
    message = "It is too late for this message: the time in which it was of use has passed."


class Unwanted(Refusal):
    """Whom it is for does not want it by this channel."""

    code = "unwanted"
    message = "This person does not want e-mail. Please ask first, and keep a yes above."


class NoAddress(Refusal):
    """There is no address by now, and nobody who may act for the patient has one."""

    code = "no-address"
    message = "There is no e-mail address to send it to."


_BY_TEXT = {
    Unwanted: "This person does not want text messages. Please ask first, and keep a yes.",
    NoAddress: "There is no phone number to send it to.",
}
_BY_MAIL = {
    Unwanted: "This person does not want e-mail. Please ask first, and keep a yes.",
    NoAddress: NoAddress.message,
}


@transaction
def resend_message(
    *,
    public_id: str,
    actor: Actor,
    now: datetime,
    patient: str | None = None,
    seen: State | None = None,
) -> None:
    """Send a message once more: as it is where it was given up and nothing of it has changed, else
    as a new one that tells how things stand now, with new links, to the address of today.

    What was given up keeps its Message-ID, or makes way for the new one. Both go out at once, and
    are asked again whether they are true. Messages about one thing are asked one after another, so
    that a second press finds the first one waiting. ``patient``: only one of theirs; ``seen``: how
    it stood when somebody decided. Raises NotFound, NeverTwice, LookedOld, OnItsWay,
    NothingToRepeat, ToldOnce, TooLate, Unwanted, NoAddress.
    """
    message = _locked(public_id, patient)
    state = State(message.state)
    if message.kind in ASKED_ANEW:
        raise NeverTwice(ASKED_ANEW[message.kind])
    if state is State.DUE:
        raise OnItsWay
    if seen is not None and seen is not state:
        raise LookedOld
    way = way_of(message.kind)
    if way is not None:
        _tell(message, way, actor, now)
    elif state is not State.FAILED:
        raise ToldOnce
    else:
        parcel = _opened(message)
        if parcel is None:
            raise NoAddress
        if _is_late(message, now):
            raise TooLate
        _refuse_unfit([_as_draft(parcel)], now)
        _try_anew(message, actor, now)


@transaction
def settle_failure(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Take a message off the list of what was not delivered: somebody was reached otherwise, or
    need not be. It is not sent any more; twice is once, and one in another state stays as it is.
    Raises NotFound.
    """
    message = _locked(public_id, None)
    if message.state != State.FAILED.value:
        return
    why = f"{message.last_error or ''}; {SETTLED}".removeprefix("; ")
    message.state, message.last_error = State.DROPPED.value, why[:LONGEST_ERROR]
    message.context_sealed = None
    _record("message.settled", message, actor, now)


def _locked(public_id: str, patient: str | None) -> Message:
    """The message, with all that are about the same."""
    found = db.session.scalar(select(Message).where(Message.public_id == public_id))
    if found is None or (patient is not None and found.patient != patient):
        raise NotFound
    same = select(Message).where(Message.about == found.about).order_by(Message.id)
    db.session.scalars(same.with_for_update().execution_options(populate_existing=True)).all()
    return found


def _tell(message: Message, way: Way, actor: Actor, now: datetime) -> None:
    told, _parcel = get_message(public_id=message.public_id)
    drafts = draft_anew(told=told, way=way, now=now)
    if any(one.recipient.patient != message.patient for one in drafts):
        raise NothingToRepeat
    failed = _opened(message) if message.state == State.FAILED.value else None
    if failed is not None:
        alike = [one for one in drafts if _reaches(one, failed)]
        same = any(one.context == failed.context for one in alike)
        if same and not _is_late(message, now) and is_true(failed, now=now):
            _refuse_unfit(alike, now, is_asked=False)
            _try_anew(message, actor, now)
            return
        drafts = alike or drafts
    _refuse_waiting(message, way, now)
    _post(_refuse_unfit(drafts, now, channel=Channel(message.channel)), message, actor, now)


def _is_late(message: Message, now: datetime) -> bool:
    return message.valid_until is not None and message.valid_until <= now


def _reaches(draft: Draft, parcel: Parcel) -> bool:
    channel = draft.channel
    same = draft.recipient.address(channel) == parcel.recipient.address(channel)
    return same and channel is parcel.channel


def _refuse_waiting(message: Message, way: Way, now: datetime) -> None:
    waiting = select(Message.id).where(
        Message.about == message.about,
        Message.channel == message.channel,
        Message.kind.in_(way.kinds),
        Message.state == State.DUE.value,
        or_(Message.due_at <= now + SOON, Message.once_key.startswith(REPEAT)),
    )
    if db.session.scalar(waiting.limit(1)) is not None:
        raise OnItsWay


def _refuse_unfit(
    drafts: Sequence[Draft],
    now: datetime,
    *,
    channel: Channel = Channel.EMAIL,
    is_asked: bool = True,
) -> Sequence[Draft]:
    """Those that reach somebody who wants them with something that is so."""
    said = _BY_TEXT if (drafts[0].channel if drafts else channel) is Channel.SMS else _BY_MAIL
    if not drafts:
        raise NoAddress(said[NoAddress])
    wanted = list_wanted(drafts)
    if not wanted:
        raise Unwanted(said[Unwanted])
    fit = list_true(wanted, now=now) if is_asked else wanted
    if not fit:
        raise NothingToRepeat
    return fit


def _try_anew(message: Message, actor: Actor, now: datetime) -> None:
    message.state, message.attempts, message.next_try_at = State.DUE.value, 0, now
    _record("message.resent", message, actor, now)


def _post(drafts: Sequence[Draft], message: Message, actor: Actor, now: datetime) -> None:
    same = select(func.count()).select_from(Message).where(Message.about == message.about)
    number = db.session.scalar(same)
    for one in drafts:
        mac = address_mac(one.recipient.address(one.channel))
        post_message(
            kind=one.kind,
            recipient=one.recipient,
            context=one.context,
            about=one.about,
            now=now,
            due_at=one.due_at,
            valid_until=one.valid_until,
            channel=one.channel,
            once_key=f"{REPEAT}{one.about}:{number}:{mac}",
        )
    if message.state == State.FAILED.value:
        message.state, message.last_error = State.DROPPED.value, REPLACED
        message.context_sealed = None
    _record("message.repeated", message, actor, now)


def _record(action: str, message: Message, actor: Actor, now: datetime) -> None:
    audit.record(action=action, actor=actor, now=now, subject=f"message:{message.public_id}")


def _opened(message: Message) -> Parcel | None:
    try:
        return open_parcel(message) if message.recipient_sealed else None
    except CannotOpen:
        return None


def _as_draft(parcel: Parcel) -> Draft:
    return Draft(parcel.kind, parcel.recipient, parcel.context, parcel.about, parcel.channel)
