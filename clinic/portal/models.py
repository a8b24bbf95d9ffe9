"""How patients prove who they are: codes sent by mail, and the sessions they open."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant


class SignInCode(PublicId, Base):
    """A code asked for by one browser; the browser keeps the public id, the mail has the digits.

    There is a row for every address that was typed, known or not; an unknown one never gets a
    ``code_hash``. The address is sealed and forgotten once the code is over (``ended_at``).
    """

    __tablename__ = "sign_in_codes"
    __table_args__ = (
        CheckConstraint("attempts BETWEEN 0 AND 5", name="attempts"),
        CheckConstraint("(email_sealed IS NULL) = (ended_at IS NOT NULL)", name="forgets"),
        Index(
            "ix_sign_in_codes_waiting",
            "created_at",
            sqlite_where=text("issued_at IS NULL"),
            postgresql_where=text("issued_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email_hash: Mapped[str] = mapped_column(String(32), index=True)
    email_sealed: Mapped[str | None] = mapped_column(String)
    code_hash: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    issued_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    email = EncryptedText("email_sealed")


class PatientSession(PublicId, Base):
    """A patient's signed-in browser: which address and birth date were proven.

    Whom it opens is no column; it is asked of the records every time.
    """

    __tablename__ = "patient_sessions"
    __table_args__ = (Index("ix_patient_sessions_proof", "email_key", "birth_date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email_key: Mapped[str] = mapped_column(String(400))
    birth_date: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class ContactChange(PublicId, Base):
    """A new e-mail address that one signed-in browser asked for, until both codes were typed.

    ``session`` is the public id of the session that asked: no other one can finish. The address is
    sealed and forgotten once the change is over (``ended_at``).
    """

    __tablename__ = "contact_changes"
    __table_args__ = (
        CheckConstraint("attempts BETWEEN 0 AND 5", name="attempts"),
        CheckConstraint("(email_sealed IS NULL) = (ended_at IS NOT NULL)", name="forgets"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session: Mapped[str] = mapped_column(String(22), index=True)
    email_sealed: Mapped[str | None] = mapped_column(String)
    new_code_hash: Mapped[str] = mapped_column(String(32))
    old_code_hash: Mapped[str] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    email = EncryptedText("email_sealed")
