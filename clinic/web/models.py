"""What HTTP itself has to remember: answers already given, and how often somebody called."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant


class IdempotentAnswer(PublicId, Base):
    """The answer that a caller's Idempotency-Key got; ``slot`` is a hash of caller and key."""

    __tablename__ = "idempotent_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(String(64), unique=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body_sealed: Mapped[str] = mapped_column(String)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)

    body = EncryptedText("body_sealed")


class RateCount(Base):
    """Calls counted for one bucket (what and a keyed hash of who) in one window of time."""

    __tablename__ = "rate_counts"

    bucket: Mapped[str] = mapped_column(String(120), primary_key=True)
    window_starts_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
