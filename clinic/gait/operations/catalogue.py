"""The manager changes what is sold: its name, its price from now on, its words."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.core.schema import violates
from clinic.core.values import SYSTEM, Actor
from clinic.gait.models import Product, ProductCopy
from clinic.gait.rules.copy import Content, faults_in, tidied

DEMO_COPY = Path(__file__).parent.parent / "demo_copy.toml"
LONGEST_NAME = 200
MOST_CENTS = 10_000_000


class ProductChanged(Refusal):
    """Somebody else saved it while it was being written."""

    code = "product-changed"
    message = "Somebody else has changed this meanwhile. Look at it again before you save."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChange:
    """What a product is to be. ``looked_at`` is the version of its words that was looked at.

    ``name`` and ``price_cents`` of people who typed; the price holds for new orders only: an order
    keeps the price of its moment.
    """

    slug: str
    name: str
    price_cents: int
    is_active: bool
    copy: Content
    looked_at: int


@transaction
def save_product(*, change: ProductChange, actor: Actor, now: datetime) -> None:
    """Change a product and add its words as the next version, where they differ.

    Raises NotFound, Invalid (``name``, ``price`` or a field of the words) and ProductChanged.
    """
    copy = tidied(change.copy)
    _refuse_faults(change, copy)
    wanted = select(Product).where(Product.slug == change.slug, Product.retired_at.is_(None))
    row = db.session.scalars(wanted.with_for_update()).one_or_none()
    if row is None:
        raise NotFound
    last = _last(change.slug)
    if (last.number if last else 0) != change.looked_at:
        raise ProductChanged
    before = (row.name, row.price_cents, row.active)
    row.name, row.price_cents, row.active = change.name, change.price_cents, change.is_active
    is_new = last is None or tidied(last.content) != copy
    if is_new:
        _add(change.slug, change.looked_at + 1, copy, actor, now)
    if is_new or before != (row.name, row.price_cents, row.active):
        details = {"price_cents": [before[1], row.price_cents], "active": row.active}
        subject = f"product:{change.slug}"
        audit.record(action="product.saved", actor=actor, now=now, subject=subject, details=details)


@transaction
def introduce_demo_products(*, now: datetime) -> None:
    """Give the analyses of the demonstration clinic their words, unless they have some."""
    for slug, content in tomllib.loads(DEMO_COPY.read_text(encoding="utf-8")).items():
        if _last(slug) is None:
            _add(slug, 1, tidied(content), SYSTEM, now)


def _refuse_faults(change: ProductChange, copy: Content) -> None:
    errors = {name: [sentence] for name, sentence in faults_in(copy).items()}
    if not change.name.strip():
        errors["name"] = ["Enter a name."]
    elif len(change.name) > LONGEST_NAME:
        errors["name"] = ["Use at most 200 characters."]
    if not 0 <= change.price_cents <= MOST_CENTS:
        errors["price"] = ["Enter a price from 0 to 100,000."]
    if errors:
        raise Invalid(errors)


def _last(slug: str) -> ProductCopy | None:
    wanted = select(ProductCopy).where(ProductCopy.product == slug)
    return db.session.scalars(wanted.order_by(ProductCopy.number.desc()).limit(1)).first()


def _add(slug: str, number: int, copy: Content, actor: Actor, now: datetime) -> None:
    db.session.add(
        ProductCopy(
            product=slug, number=number, content=dict(copy), saved_at=now, saved_by=actor.name
        )
    )
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, "uq_product_copies_product_number"):
            raise ProductChanged from error
        raise
