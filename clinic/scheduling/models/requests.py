"""Visit requests: what patients ask for in their own words, until a person has answered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant


class VisitRequest(PublicId, Base):
    """A visit somebody asks for. ``version`` counts its changes.

    ``zone`` is the zone that the preferred times were meant in, ``part`` the part of the day that
    usually suits, ``due_at`` the moment by which an answer was promised. The contact data are
    those given with this request: the patient's record keeps its own. ``submission`` makes one
    request of a form that is sent twice.

    ``is_unsure``: the patient does not mind whether it is by video. The emergency address and phone
    are where help is sent to during a video visit; ``camera``, ``microphone`` and ``connection``
    are what the patient's browser found of them, None where it did not try. ``urgency``: 1 before
    2 before 3. ``screening`` is the public id of the answers about safety that came before it. A
    request that was merged is withdrawn and names the one that lives on.
    """

    __tablename__ = "visit_requests"
    __table_args__ = (
        CheckConstraint("modality IN ('in_person', 'telehealth')", name="modality"),
        CheckConstraint(
            "status IN ('requested', 'answered', 'offered', 'scheduled', 'declined', 'withdrawn')",
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
        CheckConstraint("urgency BETWEEN 1 AND 3", name="urgency"),
        CheckConstraint("camera IN ('works', 'fails')", name="camera"),
        CheckConstraint("microphone IN ('works', 'fails')", name="microphone"),
        CheckConstraint("connection IN ('works', 'fails')", name="connection"),
        CheckConstraint(
            "merged_into_id IS NULL OR (status = 'withdrawn' AND merged_into_id <> id)",
            name="merged",
        ),
        CheckConstraint(
            "(status IN ('scheduled', 'declined', 'withdrawn')) = (closed_at IS NOT NULL)",
            name="closed",
        ),
        Index("ix_visit_requests_status", "status", "created_at", "id"),
        Index("ix_visit_requests_queue", "status", "urgency", "created_at", "id"),
        Index("ix_visit_requests_created_at", "created_at"),
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
    reply_sealed: Mapped[str | None] = mapped_column(String)
    is_unsure: Mapped[bool] = mapped_column(default=False, server_default=false())
    emergency_address_sealed: Mapped[str | None] = mapped_column(String)
    emergency_phone_sealed: Mapped[str | None] = mapped_column(String)
    language: Mapped[str | None] = mapped_column(String(35))
    needs_interpreter: Mapped[bool] = mapped_column(default=False, server_default=false())
    camera: Mapped[str | None] = mapped_column(String(5))
    microphone: Mapped[str | None] = mapped_column(String(5))
    connection: Mapped[str | None] = mapped_column(String(5))
    urgency: Mapped[int] = mapped_column(default=3, server_default=text("3"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("visit_requests.id"), index=True)
    submission: Mapped[str | None] = mapped_column(String(32), unique=True)
    screening: Mapped[str | None] = mapped_column(String(22))
    version: Mapped[int] = mapped_column(default=1)
    link_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    first_answered_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    reason = EncryptedText("reason_sealed")
    area = EncryptedText("area_sealed")
    answer = EncryptedText("answer_sealed")
    decline_reason = EncryptedText("decline_reason_sealed")
    reply = EncryptedText("reply_sealed")
    emergency_address = EncryptedText("emergency_address_sealed")
    emergency_phone = EncryptedText("emergency_phone_sealed")


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


class VisitRequestOffer(PublicId, Base):
    """A time that the clinic offers and holds for the patient until ``expires_at``.

    At most three of a request; new ones replace them. The hold's visitor is named after request
    and position; the offer keeps its own time, because old holds are forgotten.
    """

    __tablename__ = "visit_request_offers"
    __table_args__ = (
        CheckConstraint("position BETWEEN 1 AND 3", name="position"),
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint("expires_at <= starts_at", name="expires"),
        Index("ix_visit_request_offers_expires_at", "expires_at"),
    )

    request_id: Mapped[int] = mapped_column(
        ForeignKey("visit_requests.id"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class VisitRequestOpinion(PublicId, Base):
    """A clinician's opinion that was asked for, and what they said; one at a time is open."""

    __tablename__ = "visit_request_opinions"
    __table_args__ = (
        CheckConstraint("advice IN ('video', 'in_person', 'call', 'decline')", name="advice"),
        CheckConstraint(
            "(given_at IS NULL) = (opinion_sealed IS NULL)"
            " AND (given_at IS NULL) = (given_by IS NULL)",
            name="given",
        ),
        CheckConstraint("advice IS NULL OR given_at IS NOT NULL", name="advised"),
        Index(
            "uq_visit_request_opinions_open",
            "request_id",
            unique=True,
            sqlite_where=text("given_at IS NULL"),
            postgresql_where=text("given_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("visit_requests.id"), index=True)
    question_sealed: Mapped[str] = mapped_column(String)
    asked_by: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    opinion_sealed: Mapped[str | None] = mapped_column(String)
    advice: Mapped[str | None] = mapped_column(String(10))
    given_by: Mapped[str | None] = mapped_column(String(200))
    given_at: Mapped[datetime | None] = mapped_column(Instant)

    question = EncryptedText("question_sealed")
    opinion = EncryptedText("opinion_sealed")


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
