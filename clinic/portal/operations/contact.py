"""How somebody signed in is reached: the phone at once, an e-mail address once it is proven.

A new address needs two codes, one sent to it and one to the address that is known: whoever finds a
signed-in browser cannot take the record away. Nobody is asked whether the new address is known.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import aliased

from clinic.core import audit
from clinic.core.crypto import keyring
from clinic.core.db import db, housekeeping, transaction
from clinic.core.errors import Refusal
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient
from clinic.people.models import Guardian, Patient
from clinic.people.rules.names import email_key
from clinic.portal.models import ContactChange, PatientSession
from clinic.portal.queries.households import find_address, find_household
from clinic.portal.rules.codes import DIGITS, MOST_ATTEMPTS
from clinic.scheduling.queries.setting import clinic_date
from clinic.web.households import Household

LASTS = timedelta(minutes=30)
"""Two mailboxes have to be opened: longer than a code for signing in."""
NEW, OLD = "contact-new-code", "contact-old-code"


class CodesWrong(Refusal):
    """At least one of the two codes is not the one that was sent."""

    code = "codes-wrong"
    status = 422
    message = "The two codes do not fit. Check both."


class CodesOver(Refusal):
    """The change was finished, replaced by a newer one, tried too often, or is too old."""

    code = "codes-over"
    status = 422
    message = "These codes no longer work. Enter the new address again."


class AddressOfAGuardian(Refusal):
    """With this address the person could not sign in to their own record any more."""

    code = "address-unusable"
    status = 422
    message = "This address belongs to somebody who acted for you. Use another one, or call us."


@transaction
def change_phone(*, household: Household, phone: str | None, now: datetime) -> None:
    """Keep the new number with everything of theirs, and tell the known address of it.

    Children keep a number of their own: only the one that was their guardian's changes with it.
    """
    old = household.phone
    own, children = _records(household)
    db.session.execute(update(Patient).where(Patient.public_id.in_(own)).values(phone=phone))
    db.session.execute(_guardian_rows(household, children).values(phone=phone))
    if old is not None:
        theirs = update(Patient).where(Patient.public_id.in_(children), Patient.phone == old)
        db.session.execute(theirs.values(phone=phone))
    _record("contact.phone-changed", household, now)
    _tell(household, "contact-changed", {}, now)


@transaction
def ask_for_address(*, household: Household, email: str, now: datetime) -> str:
    """Send a code to the new (cleaned) address and one to the known; answers the change's id.

    What this browser asked for before opens nothing any more.
    """
    earlier = (ContactChange.session == household.session, ContactChange.ended_at.is_(None))
    ended = {"ended_at": now, "email_sealed": None}
    db.session.execute(update(ContactChange).where(*earlier).values(**ended))
    codes = {kind: f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}" for kind in (NEW, OLD)}
    row = ContactChange(session=household.session, created_at=now, expires_at=now + LASTS)
    row.email = email
    row.new_code_hash = _hash(row.public_id, NEW, codes[NEW])
    row.old_code_hash = _hash(row.public_id, OLD, codes[OLD])
    db.session.add(row)
    minutes = str(LASTS.seconds // 60)
    _post(NEW, email, {"code": codes[NEW], "minutes": minutes}, household, now, row.expires_at)
    _tell(household, OLD, {"code": codes[OLD], "minutes": minutes}, now, row.expires_at)
    _record("contact.code-asked", household, now)
    return row.public_id


def finish_address(
    *, household: Household, public_id: str, new_code: str, old_code: str, now: datetime
) -> None:
    """Use the new address from now on; raises CodesWrong, CodesOver and AddressOfAGuardian.

    The attempt is counted whatever comes of it. Other browsers of this person are signed out, and
    the address that was known is told.
    """
    row = _count_attempt(household=household, public_id=public_id, now=now)
    if row is None:
        raise CodesOver
    fits = (_fits(row, NEW, new_code), _fits(row, OLD, old_code))
    if not all(fits):
        _note_refused(household=household, now=now)
        raise CodesWrong
    _apply(household=household, public_id=public_id, now=now)


@transaction
def _count_attempt(*, household: Household, public_id: str, now: datetime) -> ContactChange | None:
    counted = (
        update(ContactChange)
        .where(
            ContactChange.public_id == public_id,
            ContactChange.session == household.session,
            ContactChange.ended_at.is_(None),
            ContactChange.expires_at > now,
            ContactChange.attempts < MOST_ATTEMPTS,
        )
        .values(attempts=ContactChange.attempts + 1)
        .returning(ContactChange.id)
    )
    ident = db.session.scalar(counted)
    return None if ident is None else db.session.get(ContactChange, ident, populate_existing=True)


@transaction
def _note_refused(*, household: Household, now: datetime) -> None:
    _record("contact.refused", household, now)


@transaction
def _apply(*, household: Household, public_id: str, now: datetime) -> None:
    wanted = (
        select(ContactChange)
        .where(ContactChange.public_id == public_id, ContactChange.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = db.session.scalar(wanted)
    if row is None or row.email is None:  # somebody pressed twice
        raise CodesOver
    email, key = row.email, email_key(row.email)
    _tell(household, "contact-changed", {}, now)  # to the known address, before it is another
    _write(household, email, key)
    _move_sessions(household, key)
    row.ended_at, row.email_sealed = now, None
    db.session.flush()
    _refuse_loss(household, key, now)
    _record("contact.email-changed", household, now)


def _write(household: Household, email: str, key: str) -> None:
    """The new address wherever the old one was this person's own, and with their children."""
    own, children = _records(household)
    new = {"email": email, "email_key": key}
    others = aliased(Guardian)
    is_anothers = exists().where(
        others.patient_id == Patient.id,
        others.email_key == household.email,
        others.birth_date != household.birth_date,
        others.ended_at.is_(None),
    )
    known = (Patient.email_key == household.email, ~is_anothers)
    theirs = update(Patient).where(Patient.public_id.in_(children), *known)
    db.session.execute(theirs.values(**new).execution_options(synchronize_session=False))
    mine = update(Patient).where(Patient.public_id.in_(own)).values(**new)
    db.session.execute(mine.execution_options(synchronize_session=False))
    db.session.execute(_guardian_rows(household, children).values(**new))


def _move_sessions(household: Household, key: str) -> None:
    proof = (
        PatientSession.email_key == household.email,
        PatientSession.birth_date == household.birth_date,
    )
    here = PatientSession.public_id == household.session
    db.session.execute(delete(PatientSession).where(*proof, ~here))
    db.session.execute(update(PatientSession).where(here).values(email_key=key))


def _refuse_loss(household: Household, key: str, now: datetime) -> None:
    after = find_household(
        session=household.session,
        email_key=key,
        birth_date=household.birth_date,
        today=clinic_date(now),
    )
    kept = {one.patient for one in after.kin} if after else set()
    if not {one.patient for one in household.kin} <= kept:
        raise AddressOfAGuardian


def _records(household: Household) -> tuple[list[str], list[str]]:
    own = [one.patient for one in household.kin if one.is_self]
    return own, [one.patient for one in household.kin if not one.is_self]


def _guardian_rows(household: Household, children: Sequence[str]) -> Any:
    """What this person is as a guardian of those children."""
    ids = select(Patient.id).where(Patient.public_id.in_(children))
    return (
        update(Guardian)
        .where(
            Guardian.patient_id.in_(ids),
            Guardian.email_key == household.email,
            Guardian.birth_date == household.birth_date,
            Guardian.ended_at.is_(None),
        )
        .execution_options(synchronize_session=False)
    )


def _hash(public_id: str, kind: str, code: str) -> str:
    return keyring().mac(kind, f"{public_id}:{code}")


def _fits(row: ContactChange, kind: str, code: str) -> bool:
    known = row.new_code_hash if kind == NEW else row.old_code_hash
    return keyring().proves(kind, f"{row.public_id}:{code}", known)


def _tell(
    household: Household,
    kind: str,
    context: dict[str, str],
    now: datetime,
    valid_until: datetime | None = None,
) -> None:
    """Write to the address on record, as it is stored."""
    known = find_address(email_key=household.email, today=clinic_date(now))
    if known is not None:
        _post(kind, known, context, household, now, valid_until)


def _post(
    kind: str,
    email: str,
    context: dict[str, str],
    household: Household,
    now: datetime,
    valid_until: datetime | None,
) -> None:
    # No name: the new address is not known to be anybody's yet.
    name = "" if kind == NEW else household.name
    post_message(
        kind=kind,
        recipient=Recipient(name=name, email=email),
        context=context,
        about=f"patient:{household.kin[0].patient}",
        now=now,
        valid_until=valid_until,
    )


def _record(action: str, household: Household, now: datetime) -> None:
    for one in household.kin:
        subject = f"patient:{one.patient}"
        audit.record(action=action, actor=household.actor(one), now=now, subject=subject)


def remove_old_changes(*, now: datetime) -> None:
    """Remove changes that can no longer be finished."""
    over = ContactChange.expires_at <= now
    if db.session.scalar(select(ContactChange.id).where(over).limit(1)) is not None:
        _remove(now=now)


@housekeeping
def _remove(*, now: datetime) -> None:
    db.session.execute(delete(ContactChange).where(ContactChange.expires_at <= now))
