"""Safety events: what a patient answered that could not wait, and what became of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant

_LEVELS = "('EMERGENCY', 'SAME-DAY', 'PRIORITY')"
_STEPS = "('read', 'acknowledged', 'escalated', 'answer-changed', 'closed')"
_OUTCOMES = (
    "('sent-to-emergency', 'referred', 'seen-here', 'not-urgent', 'answered-by-mistake', "
    "'not-reached')"
)
_ONCE = "kind IN ('read', 'acknowledged', 'escalated', 'closed')"


class SafetyEvent(PublicId, Base):
    """A rule that fired, with the answers that made it fire; rows are only ever added.

    ``about`` is ``response:<public id>`` or ``screening:<public id>``, ``answered_version`` which
    save of it. A rule that fires again for other answers after its event was closed is another
    ``number``. Form and rule set are named with their versions, the rule set by its hash too, so
    that the same answers can be judged again as they were judged then.
    """

    __tablename__ = "safety_events"
    __table_args__ = (
        UniqueConstraint("patient_id", "about", "rule_id", "number"),
        CheckConstraint(f"level IN {_LEVELS}", name="level"),
        CheckConstraint("number >= 1", name="number"),
        Index("ix_safety_events_patient_id_raised_at", "patient_id", "raised_at"),
        Index("ix_safety_events_about", "about"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    about: Mapped[str] = mapped_column(String(60))
    answered_version: Mapped[int]
    canonical: Mapped[str] = mapped_column(String(365))
    rule_id: Mapped[str] = mapped_column(String(64))
    rule_set: Mapped[str] = mapped_column(String(130))
    rule_set_sha256: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(400))
    level: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    raised_at: Mapped[datetime] = mapped_column(Instant)
    author: Mapped[str] = mapped_column(String(200))
    author_source: Mapped[str] = mapped_column(String(8))
    answers_sealed: Mapped[str] = mapped_column(Text)

    answers = EncryptedText("answers_sealed")


class SafetyStep(PublicId, Base):
    """What happened to an event; rows are only ever added, most kinds once for an event."""

    __tablename__ = "safety_steps"
    __table_args__ = (
        CheckConstraint(f"kind IN {_STEPS}", name="kind"),
        CheckConstraint(f"outcome IN {_OUTCOMES}", name="outcome"),
        CheckConstraint(
            "(kind = 'closed') = (outcome IS NOT NULL) "
            "AND (kind <> 'closed' OR note_sealed IS NOT NULL)",
            name="closed",
        ),
        Index(
            "uq_safety_steps_once",
            "event_id",
            "kind",
            unique=True,
            sqlite_where=text(_ONCE),
            postgresql_where=text(_ONCE),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("safety_events.id"), index=True)
    kind: Mapped[str] = mapped_column(String(14))
    at: Mapped[datetime] = mapped_column(Instant)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_name: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str | None] = mapped_column(String(20))
    note_sealed: Mapped[str | None] = mapped_column(Text)

    note = EncryptedText("note_sealed")


class OpenSafetyEvent(Base):
    """That an event is not closed yet: what the queue, bookings and the worker ask.

    Removed when it is closed, so that asking costs the same however long the clinic has been
    there. ``escalate_at`` is None once the second message went out, or where none is to go.
    """

    __tablename__ = "open_safety_events"
    __table_args__ = (
        CheckConstraint(f"level IN {_LEVELS}", name="level"),
        Index(
            "ix_open_safety_events_escalate_at",
            "escalate_at",
            sqlite_where=text("escalate_at IS NOT NULL AND acknowledged_at IS NULL"),
            postgresql_where=text("escalate_at IS NOT NULL AND acknowledged_at IS NULL"),
        ),
    )

    event_id: Mapped[int] = mapped_column(
        ForeignKey("safety_events.id"), primary_key=True, autoincrement=False
    )
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    level: Mapped[str] = mapped_column(String(10))
    raised_at: Mapped[datetime] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    escalate_at: Mapped[datetime | None] = mapped_column(Instant)


class OpenSign(Base):
    """That a sign of danger was told in a response, and not yet the answer by which it is graded:
    what the worker asks, for whoever leaves without it. ``since`` is the last word about it."""

    __tablename__ = "open_signs"

    response_id: Mapped[int] = mapped_column(
        ForeignKey("responses.id"), primary_key=True, autoincrement=False
    )
    since: Mapped[datetime] = mapped_column(Instant, index=True)


class Screening(PublicId, Base):
    """Safety answers of a visitor before any time is shown; nobody knows yet who it is.

    ``visitor`` is a keyed hash of the browser's random id, as for holds.
    """

    __tablename__ = "screenings"
    __table_args__ = (
        CheckConstraint(f"level IN {_LEVELS}", name="level"),
        Index("ix_screenings_visitor_at", "visitor", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visitor: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Instant)
    canonical: Mapped[str] = mapped_column(String(365))
    level: Mapped[str | None] = mapped_column(String(10))
    answers_sealed: Mapped[str] = mapped_column(Text)

    answers = EncryptedText("answers_sealed")


class ScreenedPatient(Base):
    """That the answers of a visitor were told of this patient, for whom they booked or asked."""

    __tablename__ = "screened_patients"

    id: Mapped[int] = mapped_column(primary_key=True)
    screening_id: Mapped[int] = mapped_column(ForeignKey("screenings.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)


append_only(SafetyEvent.__table__)
append_only(SafetyStep.__table__)
append_only(Screening.__table__)
append_only(ScreenedPatient.__table__)
