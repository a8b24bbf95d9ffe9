"""Telling again what was told: what would be written now, and whether that may be sent.

Slices above tie in what only they know (``retell_with``): to whom it goes today, by which link.
Whether it is true is asked before anything is posted, as the worker asks it just before it sends.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from flask import Flask, current_app

from clinic.core.errors import NotFound, Refusal
from clinic.messaging.delivery import askers
from clinic.messaging.queries import Parcel, Posted, address_mac, list_barred
from clinic.messaging.rules import ASKED_ANEW, Channel, Recipient, State

_EXTENSION = "clinic.messaging.repeats"


class NothingToRepeat(Refusal):
    """What it told is over, or stands elsewhere by now."""

    code = "nothing-to-repeat"
    message = "Nothing of this is still true or still to come, so it is not sent again."


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be posted, as ``post_message`` takes it."""

    kind: str
    recipient: Recipient
    context: Mapping[str, str]
    about: str
    channel: Channel = Channel.EMAIL
    due_at: datetime | None = None
    valid_until: datetime | None = None


class Retell(Protocol):
    """What somebody is to be told of what a message told, as it stands now; none where nobody has
    an address. Called within the transaction that posts, it may make new links. Raises
    NothingToRepeat, and NotFound where what was told of is gone."""

    def __call__(self, *, told: Posted, now: datetime) -> Sequence[Draft]: ...


@dataclass(frozen=True, slots=True)
class Way:
    """How a kind is told again, and the kinds that tell of the same."""

    retell: Retell
    kinds: tuple[str, ...]


def retell_with(app: Flask, retell: Retell, *, kinds: tuple[str, ...]) -> None:
    """Let ``retell`` be asked for these kinds, of which one that waits stands for the others."""
    app.extensions.setdefault(_EXTENSION, {}).update(dict.fromkeys(kinds, Way(retell, kinds)))


def way_of(kind: str) -> Way | None:
    """How a kind is told again; None for what is told once."""
    ways: Mapping[str, Way] = current_app.extensions.get(_EXTENSION, {})
    return ways.get(kind)


def draft_anew(*, told: Posted, way: Way, now: datetime) -> Sequence[Draft]:
    """What would be written, in the language of what was told. Raises NothingToRepeat."""
    try:
        drafts = way.retell(told=told, now=now)
    except NotFound:
        raise NothingToRepeat from None
    return [
        replace(one, recipient=replace(one.recipient, language=told.language)) for one in drafts
    ]


def list_wanted(drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Those that their patients want by this channel, at addresses that did not say stop."""
    by_channel: dict[Channel, list[Draft]] = {}
    for one in drafts:
        by_channel.setdefault(one.channel, []).append(one)
    return [one for channel, some in by_channel.items() for one in _wanted(channel, some)]


def _wanted(channel: Channel, drafts: Sequence[Draft]) -> Sequence[Draft]:
    macs = {address_mac(one.recipient.address(channel)) for one in drafts}
    barred = list_barred(macs=macs, channel=channel)
    asked = {
        (patient, one.recipient.address(channel))
        for one in drafts
        if (patient := one.recipient.patient) is not None
    }
    allowed = askers().allowed(channel=channel, asked=asked) if asked else ()
    return [
        one
        for one in drafts
        if address_mac(one.recipient.address(channel)) not in barred
        and _is_allowed(one.recipient, channel, allowed)
    ]


def _is_allowed(
    recipient: Recipient, channel: Channel, allowed: Collection[tuple[str, str]]
) -> bool:
    patient = recipient.patient
    return patient is None or (patient, recipient.address(channel)) in allowed


def list_true(drafts: Sequence[Draft], *, now: datetime) -> Sequence[Draft]:
    """Those that say something that is still so, asked as the worker asks it before it sends."""
    return [one for place, one in enumerate(drafts) if is_true(_parcel(one, place, now), now=now)]


def _parcel(draft: Draft, place: int, now: datetime) -> Parcel:
    return Parcel(
        id=-1 - place,
        public_id="",
        kind=draft.kind,
        channel=draft.channel,
        recipient=draft.recipient,
        recipient_mac=address_mac(draft.recipient.address(draft.channel)),
        context=draft.context,
        about=draft.about,
        created_at=now,
        attempts=0,
        is_repeat=True,
    )


def is_true(parcel: Parcel, *, now: datetime) -> bool:
    """Whether a message would be sent if it were due at this moment."""
    asked = askers()
    gather = asked.gathers.get(parcel.kind)
    prepare = gather(parcels=[parcel], now=now) if gather else asked.prepares.get(parcel.kind)
    try:
        return prepare is None or prepare(parcel=parcel, now=now) is not None
    except NotFound:
        return False


def find_repeatable(messages: Sequence[Posted]) -> frozenset[str]:
    """Public ids of those that a page offers to send again: what was not delivered, and of what was
    sent the newest that tells of one thing by one channel. ``messages`` come newest first.

    Whether it is still true is asked when somebody presses the button.
    """
    newest: dict[tuple[str, ...], Posted] = {}
    for one in messages:
        way = way_of(one.kind)
        if way is not None and one.state is not State.DROPPED:
            newest.setdefault((one.about, one.channel.value, *way.kinds), one)
    sent = {one.public_id for one in newest.values() if one.state is State.SENT}
    failed = {one.public_id for one in messages if one.state is State.FAILED}
    return frozenset(
        one.public_id
        for one in messages
        if one.public_id in sent | failed and one.kind not in ASKED_ANEW
    )


def can_repeat(message: Posted) -> bool:
    """Whether the page of one message offers it: not what waits, and what works once."""
    if message.state is State.DUE or message.kind in ASKED_ANEW:
        return False
    return message.state is State.FAILED or way_of(message.kind) is not None
