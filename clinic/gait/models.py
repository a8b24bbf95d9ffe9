"""What the clinic sells online."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.db import Base
from clinic.core.types import Instant


class Product(Base):
    """A visit of one service at a price, paid beforehand; an inactive one is not offered."""

    __tablename__ = "products"
    __table_args__ = (CheckConstraint("price_cents >= 0", name="price"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), index=True)
    price_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    active: Mapped[bool]
    position: Mapped[int]
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
