"""Visit requests: what patients ask for in their own words, until a person has answered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.db import Base
from clinic.core.rows import PublicId
from clinic.core.triggers import append_only
from clinic.core.types import Instant


class VisitRequest(PublicId, Base):
    """A visit somebody asks for. ``version`` counts its changes.

    ``zone`` is the zone that the preferred times were meant in, ``part`` the part of the day that
    usually suits, ``due_at`` the moment by which an answer was promised. The contact data are
    those given with this request: the patient's record keeps its own. ``submission`` makes one
    request of a form that is sent twice.
    """

    __tablename__ = "visit_requests"
    __table_args__ = (
        CheckConstraint("modality IN ('in_person', 'telehealth')", name="modality"),
        CheckConstraint(
            "status IN ('requested', 'answered', 'scheduled', 'declined', 'withdrawn')",
            name="status",
        ),
        CheckConstraint("part IN ('morning', 'afternoon', 'evening')", name="part"),
        CheckConstraint("modality <> 'telehealth' OR state IS NOT NULL", name="state"),
        CheckConstraint(
            "(status = 'scheduled') = (appointment_id IS NOT NULL)", name="appointment"
        ),
        CheckConstraint("status <> 'answered' OR answer_sealed IS NOT NULL", name="answer"),
        CheckConstraint(
            "(status = 'declined') = (decline_reason_sealed IS NOT NULL)", name="decline_reason"
        ),
        CheckConstraint("(guardian_name IS NULL) = (guardian_relation IS NULL)", name="guardian"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_visit_requests_status", "status", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    modality: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("practitioners.id"))
    reason_sealed: Mapped[str] = mapped_column(String)
    area_sealed: Mapped[str | None] = mapped_column(String)
    zone: Mapped[str] = mapped_column(String(64))
    part: Mapped[str | None] = mapped_column(String(10))
    state: Mapped[str | None] = mapped_column(String(2))
    is_returning: Mapped[bool | None]
    guardian_name: Mapped[str | None] = mapped_column(String(100))
    guardian_relation: Mapped[str | None] = mapped_column(String(100))
    contact_email: Mapped[str | None] = mapped_column(String(254))
    contact_phone: Mapped[str | None] = mapped_column(String(20))
    answer_sealed: Mapped[str | None] = mapped_column(String)
    decline_reason_sealed: Mapped[str | None] = mapped_column(String)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), unique=True)
    submission: Mapped[str | None] = mapped_column(String(32), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    link_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)

    reason = EncryptedText("reason_sealed")
    area = EncryptedText("area_sealed")
    answer = EncryptedText("answer_sealed")
    decline_reason = EncryptedText("decline_reason_sealed")


class VisitRequestTime(Base):
    """A time that would suit, the most wanted first."""

    __tablename__ = "visit_request_times"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="period"),)

    request_id: Mapped[int] = mapped_column(
        ForeignKey("visit_requests.id"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)


class VisitRequestChange(PublicId, Base):
    """One step in a request's life; rows are only ever added. ``words`` are an answer or reason."""

    __tablename__ = "visit_request_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("visit_requests.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_name: Mapped[str] = mapped_column(String(200))
    step: Mapped[str] = mapped_column(String(12))
    from_status: Mapped[str | None] = mapped_column(String(10))
    to_status: Mapped[str] = mapped_column(String(10))
    words_sealed: Mapped[str | None] = mapped_column(String)

    words = EncryptedText("words_sealed")


append_only(VisitRequestChange.__table__)
