"""Staff, and how staff and programs prove who they are."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant

_ROLES = "('admin', 'front_desk', 'clinician', 'gait_lab', 'auditor')"


class Staff(PublicId, Base):
    """Somebody who works here. Without a password hash the set-up link was not used yet."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint(f"role IN {_ROLES}", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)


class SetupLink(Base):
    """A one-time link with which a member of staff chooses a password; stored as a hash."""

    __tablename__ = "setup_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class StaffSession(PublicId, Base):
    """A signed-in browser; the cookie holds the token, the row its hash.

    ``proved_at`` is when its owner last gave a proof (a password), ``has_second_factor`` whether a
    code was among the proofs. Browser, system and network are for the owner's list of sessions.
    """

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    proved_at: Mapped[datetime] = mapped_column(Instant)
    has_second_factor: Mapped[bool] = mapped_column(Boolean)
    browser: Mapped[str] = mapped_column(String(20))
    system: Mapped[str] = mapped_column(String(20))
    network: Mapped[str] = mapped_column(String(64))


class PendingSignIn(Base):
    """A right password that still waits for its second factor; opens nothing by itself."""

    __tablename__ = "pending_sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class SecondFactor(PublicId, Base):
    """An authenticator app's secret. One is confirmed at most, and one more may be on its way.

    ``last_step`` is the newest time step whose code was used: none is taken twice.
    """

    __tablename__ = "second_factors"
    __table_args__ = (
        Index(
            "uq_second_factors_confirmed",
            "staff_id",
            unique=True,
            sqlite_where=text("confirmed_at IS NOT NULL"),
            postgresql_where=text("confirmed_at IS NOT NULL"),
        ),
        Index(
            "uq_second_factors_begun",
            "staff_id",
            unique=True,
            sqlite_where=text("confirmed_at IS NULL"),
            postgresql_where=text("confirmed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    secret_sealed: Mapped[str] = mapped_column(String)
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    last_step: Mapped[int | None]

    secret = EncryptedText("secret_sealed")


class RecoveryCode(Base):
    """A code on paper that stands in for the app, once; stored as a hash."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class ResetRequest(PublicId, Base):
    """Somebody asked for a new password by this address. The worker looks whose it is."""

    __tablename__ = "reset_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    email_sealed: Mapped[str] = mapped_column(String)
    created_at: Mapped[datetime] = mapped_column(Instant)

    email = EncryptedText("email_sealed")


class ApiToken(PublicId, Base):
    """A program's key to the API with a role; shown once, stored as a hash."""

    __tablename__ = "api_tokens"
    __table_args__ = (CheckConstraint(f"role IN {_ROLES}", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
