"""What is read of the outbox."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select, text

from clinic.core.crypto import CannotOpen, keyring
from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.types import is_public_id
from clinic.messaging.models import URGENT_DUE, AddressChoice, Message, MessageText
from clinic.messaging.rules import LONGEST_PAUSE_SECONDS, REPEAT, Channel, Choice, Recipient, State
from clinic.messaging.wording import SHIPPED, OwnWords

ADDRESS = "message-address"
LONGEST_PUT_OFF = timedelta(seconds=LONGEST_PAUSE_SECONDS * 1.5)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way, opened. ``attempts`` is how often it was tried before.

    ``recipient_mac`` is the keyed hash of its address. ``is_repeat``: somebody asked to be told
    again what had been told.
    """

    id: int
    public_id: str
    kind: str
    channel: Channel
    recipient: Recipient
    recipient_mac: str
    context: Mapping[str, str]
    about: str
    created_at: datetime
    attempts: int
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as the desk sees it: to whom, of what kind, how it stands; never what it says.

    ``recipient`` is None where it was forgotten or our keys no longer open it.
    """

    public_id: str
    kind: str
    channel: Channel
    recipient: Recipient | None
    language: str
    about: str
    patient: str | None
    state: State
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A message that was posted about something; ``sent_at`` is None until it has gone out."""

    kind: str
    state: State
    sent_at: datetime | None


def is_any_due(*, now: datetime, channel: Channel = Channel.EMAIL, is_urgent: bool = False) -> bool:
    """Whether there is a message to send; ``is_urgent``: one that goes before the others."""
    due = exists().where(
        Message.state == State.DUE.value,
        Message.channel == channel.value,
        Message.next_try_at <= now,
    )
    if is_urgent:
        due = due.where(text(URGENT_DUE))
    return bool(db.session.scalar(select(due)))


def open_parcel(row: Any) -> Parcel:
    """A row of the outbox that was read past the session, opened. Raises CannotOpen."""
    return Parcel(
        id=row.id,
        public_id=row.public_id,
        kind=row.kind,
        channel=Channel(row.channel),
        recipient=_recipient(_unsealed(row, "recipient_sealed"), row),
        recipient_mac=row.recipient_mac,
        context=json.loads(_unsealed(row, "context_sealed") or "{}"),
        about=row.about,
        created_at=row.created_at,
        attempts=row.attempts,
        is_repeat=(row.once_key or "").startswith(REPEAT),
    )


def _unsealed(row: Any, column: str) -> str | None:
    sealed = getattr(row, column)
    place = f"{Message.__tablename__}|{column}|{row.public_id}"
    return None if sealed is None else keyring().open(sealed, bound_to=place)


def _recipient(text: str | None, row: Any) -> Recipient:
    to = json.loads(text) if text else {"name": "", "email": ""}
    return Recipient(
        name=to["name"],
        email=to["email"],
        language=row.language,
        phone=to.get("phone", ""),
        patient=row.patient,
    )


def get_message(*, public_id: str) -> tuple[Posted, Parcel | None]:
    """A message as it stands, and opened where its recipient is known still; NotFound."""
    wanted = select(Message).where(Message.public_id == public_id)
    message = db.session.scalar(wanted.execution_options(populate_existing=True))
    if message is None or not is_public_id(public_id):
        raise NotFound
    posted = _posted(message)
    return posted, open_parcel(message) if posted.recipient is not None else None


def list_posted(
    *,
    only: State | None = None,
    before: str | None = None,
    patient: str | None = None,
    about: str | None = None,
    due_by: datetime | None = None,
    limit: int,
) -> tuple[Posted, ...]:
    """Messages, the newest first; ``before`` is the public id of the one that the page follows.

    ``patient``: only those to this patient; ``about``: only those about this, ``order:...``;
    ``due_by``: none that is planned for later.
    """
    wanted = select(Message).order_by(Message.id.desc()).limit(limit)
    if about is not None:
        wanted = wanted.where(Message.about == about)
    if patient is not None:
        wanted = wanted.where(Message.patient == patient)
    if due_by is not None:
        wanted = wanted.where(Message.due_at <= due_by)
    if only is not None:
        wanted = wanted.where(Message.state == only.value)
    if before is not None:
        place = select(Message.id).where(Message.public_id == before).scalar_subquery()
        wanted = wanted.where(Message.id < place)
    return tuple(_posted(message) for message in db.session.scalars(wanted))


def count_waiting(*, since: datetime, channel: Channel = Channel.EMAIL) -> int:
    """How many messages should have gone out before ``since`` and did not.

    Those that were put off are tried again within the longest pause: so far the index is read, and
    not over all that is due next week.
    """
    late = select(func.count()).where(
        Message.state == State.DUE.value,
        Message.channel == channel.value,
        Message.next_try_at < since + LONGEST_PUT_OFF,
        Message.due_at < since,
    )
    return db.session.scalar(late) or 0


def is_any_untried(*, since: datetime) -> bool:
    """Whether mail that should have gone out before ``since`` was not even offered to a server;
    what a server has put off was."""
    untried = exists().where(
        Message.state == State.DUE.value,
        Message.channel == Channel.EMAIL.value,
        Message.next_try_at < since + LONGEST_PUT_OFF,
        Message.due_at < since,
        Message.attempts == 0,
    )
    return bool(db.session.scalar(select(untried)))


def list_barred(*, macs: Collection[str], channel: Channel) -> frozenset[str]:
    """Which of these addresses told the carrier to stop, the newest word of each counting."""
    wanted = (
        select(AddressChoice.address_mac, AddressChoice.choice)
        .where(AddressChoice.address_mac.in_(macs), AddressChoice.channel == channel.value)
        .order_by(AddressChoice.id)
    )
    newest = {mac: choice for mac, choice in db.session.execute(wanted)}  # noqa: C416 - rows, not pairs
    return frozenset(mac for mac, choice in newest.items() if choice == Choice.STOP.value)


def has_stopped(*, number: str) -> bool:
    """Whether the phone of that number answered STOP to our texts, and not START since."""
    return bool(list_barred(macs={address_mac(number)}, channel=Channel.SMS))


def address_mac(email: str) -> str:
    """A keyed hash of an address, by which its messages are found without being read."""
    return keyring().mac(ADDRESS, email.strip().casefold())


def _posted(message: Message) -> Posted:
    try:
        recipient = recipient_of(message) if message.recipient_sealed else None
    except CannotOpen:
        recipient = None
    return Posted(
        public_id=message.public_id,
        kind=message.kind,
        channel=Channel(message.channel),
        recipient=recipient,
        language=message.language,
        about=message.about,
        patient=message.patient,
        state=State(message.state),
        created_at=message.created_at,
        due_at=message.due_at,
        sent_at=message.sent_at,
        last_error=message.last_error,
    )


def recipient_of(message: Message) -> Recipient:
    """To whom a message goes, opened; raises CannotOpen."""
    return _recipient(message.recipient, message)


def list_told(
    *, parcels: Collection[Parcel], kinds: Collection[str]
) -> Mapping[int, tuple[Told, ...]]:
    """Parcel -> what was posted to tell the same address of the same thing by these kinds, oldest
    first. One query for all."""
    wanted = (
        select(Message.about, Message.recipient_mac, Message.kind, Message.state, Message.sent_at)
        .where(Message.about.in_({one.about for one in parcels}), Message.kind.in_(kinds))
        .order_by(Message.id)
    )
    found: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for about, mac, kind, state, at in db.session.execute(wanted):
        found[about, mac].append(Told(kind, State(state), at))
    return {one.id: tuple(found[one.about, one.recipient_mac]) for one in parcels}


def list_words() -> Mapping[tuple[str, str], OwnWords]:
    """The manager's own words by kind and language, where there are any."""
    rows = db.session.scalars(select(MessageText).order_by(MessageText.number))
    newest = {(row.kind, row.language): _own(row) for row in rows}
    return {of: own for of, own in newest.items() if own != OwnWords()}


def find_words(
    *, kind: str, language: str = SHIPPED, number: int | None = None
) -> tuple[OwnWords, int]:
    """A kind's own words in a language as they stand, or as they stood, and their version; 0 for
    what ships.

    Raises NotFound for a version that there is not.
    """
    wanted = select(MessageText).where(MessageText.kind == kind, MessageText.language == language)
    if number is not None:
        wanted = wanted.where(MessageText.number == number)
    row = db.session.scalar(wanted.order_by(MessageText.number.desc()).limit(1))
    if row is None and number is not None:
        raise NotFound
    return (_own(row), row.number) if row else (OwnWords(), 0)


def list_words_versions(
    *, kind: str, language: str = SHIPPED
) -> tuple[tuple[int, datetime, str, bool], ...]:
    """Number, when, by whom, and whether it is what ships; the newest first."""
    wanted = select(MessageText).where(MessageText.kind == kind, MessageText.language == language)
    rows = db.session.scalars(wanted.order_by(MessageText.number.desc()).limit(50))
    return tuple((row.number, row.saved_at, row.saved_by, _own(row) == OwnWords()) for row in rows)


def _own(row: MessageText) -> OwnWords:
    return OwnWords(row.subject, row.words, row.body, row.sms)
