"""What was asked of whom, and what they answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only, attach
from clinic.core.types import Instant, JsonText

_SOURCES = "('patient', 'guardian', 'staff')"
_OPEN = "done_at IS NULL AND withdrawn_at IS NULL"


class FormAssignment(PublicId, Base):
    """A form a patient is asked to fill in, ``about`` a visit (``appointment:id``) or in general.

    Of one form a patient has at most one that is open.
    """

    __tablename__ = "form_assignments"
    __table_args__ = (
        CheckConstraint("done_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        Index(
            "uq_form_assignments_open",
            "patient_id",
            "questionnaire_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaires.id"))
    about: Mapped[str | None] = mapped_column(String(80), index=True)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class Response(PublicId, Base):
    """A patient's answers to one version of a form, for ever that one.

    ``answers`` is the map of ``rules.working``, ``version`` counts its saves, ``section`` is the
    page saved last and ``seen`` all of them. While it is in progress it also keeps answers that do
    not count just now, so that going back and forth loses nothing; completing drops them.
    """

    __tablename__ = "responses"
    __table_args__ = (
        CheckConstraint(
            "status IN ('in-progress', 'completed', 'amended', 'stopped')", name="status"
        ),
        CheckConstraint("version >= 0", name="version"),
        CheckConstraint(
            "(status IN ('completed', 'amended')) = (completed_at IS NOT NULL)", name="completed"
        ),
        Index("ix_responses_patient_id_completed_at", "patient_id", "completed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("form_assignments.id"), unique=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    questionnaire_version_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire_versions.id"), index=True
    )
    canonical: Mapped[str] = mapped_column(String(365))
    status: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    language: Mapped[str] = mapped_column(String(10))
    section: Mapped[int]
    seen: Mapped[Any] = mapped_column(JsonText)
    answers_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    completed_at: Mapped[datetime | None] = mapped_column(Instant)

    answers = EncryptedText("answers_sealed")


class ResponseChange(PublicId, Base):
    """One save: which answers it changed, from what to what. ``number`` is the version it made."""

    __tablename__ = "response_changes"
    __table_args__ = (
        UniqueConstraint("response_id", "number"),
        CheckConstraint(f"source IN {_SOURCES}", name="source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str] = mapped_column(String(8))
    author: Mapped[str] = mapped_column(String(200))
    section: Mapped[int]
    changes_sealed: Mapped[str] = mapped_column(Text)

    changes = EncryptedText("changes_sealed")


class ResponseVersion(PublicId, Base):
    """What was handed in, once and for all; a change afterwards is another row with its reason.

    ``answers`` is the FHIR QuestionnaireResponse with the wording that was asked, ``sha256`` its
    digest by ``rules.working.digest``.
    """

    __tablename__ = "response_versions"
    __table_args__ = (
        UniqueConstraint("response_id", "number"),
        CheckConstraint("status IN ('completed', 'amended', 'stopped')", name="status"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(f"source IN {_SOURCES}", name="source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("responses.id"))
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str] = mapped_column(String(8))
    author: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    answers_sealed: Mapped[str] = mapped_column(Text)
    reason_sealed: Mapped[str | None] = mapped_column(Text)

    answers = EncryptedText("answers_sealed")
    reason = EncryptedText("reason_sealed")


append_only(ResponseChange.__table__)
append_only(ResponseVersion.__table__)

_TIED = ("assignment_id", "questionnaire_version_id", "canonical")


def tied_response_ddl() -> dict[str, list[str]]:
    """Statements that keep a response with its assignment, that one's patient, and its version."""
    columns = ", ".join((*_TIED, "patient_id"))
    words = "a response stays with its patient and its form"
    of_another = (
        "NEW.patient_id <> (SELECT patient_id FROM form_assignments WHERE id = NEW.assignment_id)"
    )
    sqlite = (
        f"CREATE TRIGGER responses_tied BEFORE UPDATE OF {columns} ON responses WHEN "
        + " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _TIED)
        + f" OR {of_another} BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )
    function = (
        "CREATE FUNCTION responses_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        + " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _TIED)
        + f" OR {of_another} THEN RAISE EXCEPTION '{words}'; END IF; RETURN NEW; END $$"
    )
    rows = (
        f"CREATE TRIGGER responses_tied BEFORE UPDATE OF {columns} ON responses FOR EACH ROW "
        "EXECUTE FUNCTION responses_refuse()"
    )
    return {"sqlite": [sqlite], "postgresql": [function, rows]}


attach(Response.__table__, tied_response_ddl())
