"""Patients, staff, and how staff and programs prove who they are."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.db import Base
from clinic.core.rows import PublicId
from clinic.core.types import Instant

_ROLES = "('admin', 'front_desk', 'clinician', 'gait_lab', 'auditor')"


class Patient(PublicId, Base):
    """A person who is treated. The ``_key`` columns are the names and contact as compared.

    Two people may share a phone or an e-mail address. ``was_added`` is no column: the transaction
    that adds a record knows by it that nothing hangs on the record yet.
    """

    __tablename__ = "patients"
    __table_args__ = (
        Index("ix_patients_identity", "birth_date", "family_key"),
        Index("ix_patients_email_key", "email_key"),
        Index("ix_patients_phone", "phone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[str] = mapped_column(String(100))
    family_name: Mapped[str] = mapped_column(String(100))
    birth_date: Mapped[date]
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(20))
    given_key: Mapped[str] = mapped_column(String(400))
    family_key: Mapped[str] = mapped_column(String(400))
    email_key: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[datetime] = mapped_column(Instant)

    was_added = False


class PatientSearchKey(Base):
    """By what a patient is found: a trigram of a name, or ``#`` with last digits of the phone.

    Written in the transaction that writes the patient; one range of the index answers each key.
    """

    __tablename__ = "patient_search_keys"

    key: Mapped[str] = mapped_column(String(8), primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), primary_key=True, index=True)


class PatientSuggestion(Base):
    """Two records that may be one person, for staff to look at; the older record comes first."""

    __tablename__ = "patient_suggestions"
    __table_args__ = (
        CheckConstraint("patient_id < other_id", name="older_first"),
        CheckConstraint("reason IN ('birth-date-and-name', 'contact')", name="reason"),
    )

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)


class PatientNote(PublicId, Base):
    """What staff note of a patient: an ``alert`` that must not be overlooked, or a ``note``.

    ``about`` is the visit it belongs to (``appointment:...``), if any. What is taken back stays.
    """

    __tablename__ = "patient_notes"
    __table_args__ = (
        CheckConstraint("kind IN ('alert', 'note')", name="kind"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed"),
        Index(
            "ix_patient_notes_live",
            "patient_id",
            "kind",
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    kind: Mapped[str] = mapped_column(String(5))
    about: Mapped[str | None] = mapped_column(String(80))
    words_sealed: Mapped[str] = mapped_column(String)
    added_at: Mapped[datetime] = mapped_column(Instant)
    added_by: Mapped[str] = mapped_column(String(200))
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_by: Mapped[str | None] = mapped_column(String(200))

    words = EncryptedText("words_sealed")


class Guardian(PublicId, Base):
    """Who acts for a child until the child is of age. A child may have several.

    Until ``confirmed_at`` the guardian is only a name that somebody typed; after ``ended_at`` (a
    person of the clinic set it) they act no longer.
    """

    __tablename__ = "guardians"
    __table_args__ = (
        CheckConstraint("relation IN ('parent', 'guardian', 'other')", name="relation"),
        Index("ix_guardians_proof", "email_key", "birth_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(400))
    birth_date: Mapped[date]
    relation: Mapped[str] = mapped_column(String(10))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(400))
    phone: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class OwnConsent(PublicId, Base):
    """A minor who decides alone, on a ground that the law knows and staff have looked at.

    While it stands (``ended_at`` is empty) no guardian acts for this patient.
    """

    __tablename__ = "own_consents"
    __table_args__ = (
        CheckConstraint("ground IN ('married', 'parent', 'homeless', 'other')", name="ground"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_own_consents_live",
            "patient_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    ground: Mapped[str] = mapped_column(String(10))
    note_sealed: Mapped[str] = mapped_column(String)
    granted_at: Mapped[datetime] = mapped_column(Instant)
    granted_by: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(String(200))

    note = EncryptedText("note_sealed")


class ContactChoice(Base):
    """Whether a patient wants to be contacted by a channel.

    Without a row: by e-mail yes, by text message no. A text is wanted at one number (``address``),
    not at another that the record may get later.
    """

    __tablename__ = "contact_choices"
    __table_args__ = (CheckConstraint("channel IN ('email', 'sms')", name="channel"),)

    patient_id: Mapped[int] = mapped_column(
        ForeignKey("patients.id"), primary_key=True, autoincrement=False
    )
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    is_wanted: Mapped[bool]
    address: Mapped[str | None] = mapped_column(String(254))
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(String(200))


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
