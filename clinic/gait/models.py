"""What the clinic sells online, at which price since when, and the visits that were bought."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant, JsonText


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


class ProductPrice(Base):
    """One version of a product's price. The first order at a price writes its row."""

    __tablename__ = "product_prices"
    __table_args__ = (
        UniqueConstraint("product_id", "version"),
        CheckConstraint("price_cents >= 0", name="price"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    version: Mapped[int]
    price_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    seen_at: Mapped[datetime] = mapped_column(Instant)


class GaitOrder(Base):
    """The visit behind an order of a product: what is wished, and the visit once it is booked.

    Without ``wished_at`` the patient chooses after paying. While unpaid the wished time is held by
    the order itself (see ``clinic.scheduling.operations.paid_holds``). ``state`` is where the
    patient will be during a visit by video.
    """

    __tablename__ = "gait_orders"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    service: Mapped[str] = mapped_column(String(64))
    wished_at: Mapped[datetime | None] = mapped_column(Instant)
    wished_practitioner: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str | None] = mapped_column(String(2))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), unique=True)


class ProductCopy(Base):
    """What the catalogue says of a product, for ever; the highest number is what it says now."""

    __tablename__ = "product_copies"
    __table_args__ = (
        UniqueConstraint("product", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    content: Mapped[Any] = mapped_column(JsonText)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[str] = mapped_column(String(200))


append_only(ProductPrice.__table__)
append_only(ProductCopy.__table__)
