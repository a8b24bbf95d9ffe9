"""What the manager changed in the site's texts."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant, JsonText

_KINDS = "('home', 'condition', 'person', 'page')"
_DEEDS = "('added', 'saved', 'restored', 'reset', 'hidden', 'shown')"


LANGUAGE = "en"
"""What the site is written in, as a BCP 47 tag; each language has versions of its own."""


class TextVersion(Base):
    """One version of one text, for ever. The highest number is the text as it stands.

    Without content it stands as it ships with the product.
    """

    __tablename__ = "text_versions"
    __table_args__ = (
        CheckConstraint(f"kind IN {_KINDS}", name="kind"),
        CheckConstraint(f"deed IN {_DEEDS}", name="deed"),
        CheckConstraint("number > 0", name="number"),
        UniqueConstraint("kind", "slug", "language", "number", name="uq_text_versions_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    slug: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(16), default=LANGUAGE)
    number: Mapped[int]
    deed: Mapped[str] = mapped_column(String(10))
    content: Mapped[Any] = mapped_column(JsonText, nullable=True)
    is_hidden: Mapped[bool]
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[str] = mapped_column(String(200))


append_only(TextVersion.__table__)
