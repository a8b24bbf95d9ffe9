"""What a video visit has beside its appointment: its room, and the links of its guests."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant


class VideoVisit(PublicId, Base):
    """The room of one visit by video; made when somebody first needs it.

    ``meeting`` is the address staff gave it, None for the one of the clinic's template. ``place``
    and ``phone`` are where the patient said they are on the day, ``place_state`` the state of it.
    ``seen_at`` is when their page last said that they wait there. ``late_until`` is by when the
    clinician comes, as staff said at ``late_at``.
    """

    __tablename__ = "video_visits"
    __table_args__ = (
        CheckConstraint("(meeting_sealed IS NULL) = (meeting_by IS NULL)", name="meeting"),
        CheckConstraint(
            "(located_at IS NULL) = (place_state IS NULL)"
            " AND (located_at IS NULL) = (place_sealed IS NULL)",
            name="located",
        ),
        CheckConstraint("(late_at IS NULL) = (late_until IS NULL)", name="late"),
        CheckConstraint("waiting_since IS NULL OR located_at IS NOT NULL", name="waiting"),
        Index(
            "ix_video_visits_seen_at",
            "seen_at",
            sqlite_where=text("seen_at IS NOT NULL"),
            postgresql_where=text("seen_at IS NOT NULL"),
        ),
    )

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointments.id"), primary_key=True, autoincrement=False
    )
    meeting_sealed: Mapped[str | None] = mapped_column(String)
    meeting_by: Mapped[str | None] = mapped_column(String(200))
    place_state: Mapped[str | None] = mapped_column(String(2))
    place_sealed: Mapped[str | None] = mapped_column(String)
    phone_sealed: Mapped[str | None] = mapped_column(String)
    located_at: Mapped[datetime | None] = mapped_column(Instant)
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    late_until: Mapped[datetime | None] = mapped_column(Instant)
    late_at: Mapped[datetime | None] = mapped_column(Instant)

    meeting = EncryptedText("meeting_sealed")
    place = EncryptedText("place_sealed")
    phone = EncryptedText("phone_sealed")


class VideoGuests(PublicId, Base):
    """A link that opens the waiting room of a visit by video to guests, until it is ended.

    One at a time for a visit; the links before it stay as history.
    """

    __tablename__ = "video_guests"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_video_guests_open",
            "appointment_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), index=True)
    invited_at: Mapped[datetime] = mapped_column(Instant)
    invited_by: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(String(200))
