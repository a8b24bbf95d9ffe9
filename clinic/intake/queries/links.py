"""Who has opened whose forms in this browser."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select

from clinic.core.db import db
from clinic.core.types import Instant
from clinic.intake.models import FormLink, FormSession
from clinic.intake.models.links import MOST_ATTEMPTS
from clinic.people.models import Patient
from clinic.people.queries import token_hash

MAIL = "mail"
KIOSK = "kiosk"
SEEN_EVERY = timedelta(minutes=1)
IDLE = {MAIL: timedelta(minutes=30), KIOSK: timedelta(minutes=5)}
"""A session that nobody used for so long has ended: the tablet locks itself."""

_LIVE = (
    select(FormSession, Patient)
    .join(Patient, Patient.id == FormSession.patient_id)
    .where(
        FormSession.token_hash == bindparam("token"),
        FormSession.expires_at > bindparam("now", type_=Instant),
    )
)


@dataclass(frozen=True, slots=True)
class FormVisitor:
    """A live session: whose forms it opens, on whose device, and who fills them in."""

    session: str
    patient: str
    given_name: str
    family_name: str
    birth_date: date
    kind: str
    helper: str | None
    author: str | None
    relation: str | None
    last_seen_at: datetime

    @property
    def is_kiosk(self) -> bool:
        """Whether it is the clinic's tablet."""
        return self.kind == KIOSK

    def is_to_be_seen(self, now: datetime) -> bool:
        """Whether it is to be noted again that the session is in use: at most once a minute."""
        return now - self.last_seen_at >= SEEN_EVERY

    @property
    def name(self) -> str:
        """The patient's name."""
        return f"{self.given_name} {self.family_name}"


def is_resting(*, token: str, now: datetime) -> bool:
    """Whether a session that a mail's link opened is only idle: the birth date revives it."""
    row = db.session.execute(_LIVE, {"token": token_hash(token), "now": now}).one_or_none()
    return row is not None and row[0].kind == MAIL and row[0].last_seen_at <= now - IDLE[MAIL]


def is_live_link(*, token: str, now: datetime) -> bool:
    """Whether a mail's link opens anything."""
    wanted = select(FormLink.id).where(
        FormLink.token_hash == token_hash(token),
        FormLink.kind == MAIL,
        FormLink.ended_at.is_(None),
        FormLink.expires_at > now,
        FormLink.attempts < MOST_ATTEMPTS,
    )
    return db.session.scalar(wanted) is not None


def find_form_visitor(*, token: str, now: datetime) -> FormVisitor | None:
    """Who this browser's session is, None when it has none that lives."""
    row = db.session.execute(_LIVE, {"token": token_hash(token), "now": now}).one_or_none()
    if row is None:
        return None
    session, patient = row
    return as_visitor(session=session, patient=patient, now=now)


def as_visitor(*, session: FormSession, patient: Patient, now: datetime) -> FormVisitor | None:
    """The session and its patient; None where nobody used it for too long."""
    if session.last_seen_at <= now - IDLE[session.kind]:
        return None
    return FormVisitor(
        session=session.public_id,
        patient=patient.public_id,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
        kind=session.kind,
        helper=session.helper,
        author=session.author,
        relation=session.relation,
        last_seen_at=session.last_seen_at,
    )
