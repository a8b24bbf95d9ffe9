"""Patients, who acts for them, and what is noted of them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant


class Patient(PublicId, Base):
    """A person who is treated. The ``_key`` columns are the names and contact as compared.

    Two people may share a phone or an e-mail address. ``was_added`` is no column: the transaction
    that adds a record knows by it that nothing hangs on the record yet.

    ``merged_at`` marks a record that was merged into another: it stays as it was, for what may
    never change (signatures, the trail) and so that whoever gives its details again is met by the
    kept record. No search finds it, nobody signs in by it, the database gives it nothing new.
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
    merged_at: Mapped[datetime | None] = mapped_column(Instant)

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
