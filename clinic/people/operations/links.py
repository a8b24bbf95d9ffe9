"""One-time links by which people choose a password: when they come, and when they forgot it."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import SYSTEM, Actor
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient
from clinic.people import queries
from clinic.people.models import ResetRequest, SetupLink, Staff

LINK_LASTS = timedelta(hours=72)
"""A weekend: whoever is invited on Friday afternoon can still use it on Monday morning."""
RESET_LASTS = timedelta(hours=1)
MOST_AT_ONCE = 50


class LinkGone(Refusal):
    """The set-up link was used, replaced by a newer one, or is too old."""

    code = "link-gone"
    status = 410
    message = "This link was already used, or it is too old. Ask for a new one."


def add_link(*, staff_id: int, now: datetime, lasts: timedelta = LINK_LASTS) -> str:
    """A new link's token; inside the running transaction."""
    token = secrets.token_urlsafe(32)
    hashed = queries.token_hash(token)
    db.session.add(SetupLink(token_hash=hashed, staff_id=staff_id, expires_at=now + lasts))
    return token


def post_set_up(*, staff: Staff, token: str, now: datetime) -> None:
    """Send somebody the link for choosing a password; inside the running transaction."""
    _post("staff-set-up", staff, token, now, LINK_LASTS)


@transaction
def new_setup_link(*, email: str, actor: Actor, now: datetime) -> str:
    """A new one-time link's token for an account (a lost link, a lost password); NotFound.

    Older links no longer work. The password stays until the new one is chosen, and the second
    factor stays too.
    """
    account = queries.find_account(email=email)
    if account is None:
        raise NotFound("There is no member of staff with this e-mail address.")
    return _renew_link(account, actor, now)


@transaction
def send_setup_link(*, public_id: str, actor: Actor, now: datetime) -> str:
    """A new link as with ``new_setup_link``, sent to the person too; NotFound."""
    account = queries.get_account(public_id=public_id)
    token = _renew_link(account, actor, now)
    staff = db.session.scalars(select(Staff).where(Staff.id == account.id)).one()
    post_set_up(staff=staff, token=token, now=now)
    return token


def _renew_link(account: queries.Account, actor: Actor, now: datetime) -> str:
    db.session.execute(delete(SetupLink).where(SetupLink.staff_id == account.id))
    subject = f"staff:{account.public_id}"
    audit.record(action="staff.link-made", actor=actor, now=now, subject=subject)
    return add_link(staff_id=account.id, now=now)


@transaction
def ask_reset(*, email: str, now: datetime) -> None:
    """Note that somebody at this address forgot the password.

    Whose address it is, is looked up later by the worker (``answer_resets``): this takes the same
    steps, and the same time, for an address that nobody here has.
    """
    request = ResetRequest(created_at=now)
    request.email = email[:254]
    db.session.add(request)


def answer_resets(*, now: datetime) -> None:
    """Send a link to those who asked for one and work here; forget the requests."""
    if db.session.scalar(select(ResetRequest.id).limit(1)) is not None:
        _answer_resets(now=now)


@transaction
def _answer_resets(*, now: datetime) -> None:
    oldest = select(ResetRequest).order_by(ResetRequest.id).limit(MOST_AT_ONCE)
    for request in db.session.scalars(oldest.with_for_update(skip_locked=True)).all():
        _answer(request.email or "", now)
        db.session.delete(request)


def _answer(email: str, now: datetime) -> None:
    """A link beside those there are: asking for resets must not end somebody's invitation."""
    account = queries.find_account(email=email)
    subject = f"staff:{account.public_id}" if account else None
    audit.record(action="staff.reset-asked", actor=SYSTEM, now=now, subject=subject)
    if account is None:
        return
    staff = db.session.scalars(select(Staff).where(Staff.id == account.id)).one()
    token = add_link(staff_id=staff.id, now=now, lasts=RESET_LASTS)
    _post("staff-reset", staff, token, now, RESET_LASTS)


def _post(kind: str, staff: Staff, token: str, now: datetime, lasts: timedelta) -> None:
    post_message(
        kind=kind,
        recipient=Recipient(staff.name, staff.email),
        context={"link": f"/set-up/{token}"},
        about=f"staff:{staff.public_id}",
        now=now,
        valid_until=now + lasts,
    )
