"""The catalogue: what is sold, at which price, and what is said of it."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from sqlalchemy import Select, func, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.gait.models import Product, ProductCopy
from clinic.gait.rules.copy import Content, tidied
from clinic.scheduling.models import Service
from config import Config

DEFAULT_COPY = Path(__file__).parent.parent / "default_copy.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueProduct:
    """A product with its words. ``copy_version`` 0: nobody wrote any, the shipped ones stand."""

    slug: str
    name: str
    service: str
    price_cents: int
    currency: str
    is_active: bool
    copy: Content
    copy_version: int
    saved_by: str


@functools.cache
def default_copy() -> Mapping[str, str]:
    """What is said of a product that nobody has written about, read from its file once."""
    return tidied(tomllib.loads(DEFAULT_COPY.read_text(encoding="utf-8")))


def list_sold() -> tuple[CatalogueProduct, ...]:
    """What may be bought now, in the clinic's order."""
    return _list(_live().where(Product.active))


def list_catalogue() -> tuple[CatalogueProduct, ...]:
    """Everything of the catalogue that is not retired, offered or not."""
    return _list(_live())


def takes_payments() -> bool:
    """Whether the clinic has told us how it is paid online."""
    config: Config = current_app.config["CLINIC"]
    return config.stripe_api_key is not None


def sells() -> bool:
    """Whether anything may be bought online now."""
    return takes_payments() and (
        db.session.scalar(_live().where(Product.active).with_only_columns(Product.id)) is not None
    )


def get_sold(slug: str) -> CatalogueProduct:
    """What may be bought now under that name; NotFound for what is not offered."""
    return _one(_live().where(Product.active, Product.slug == slug))


def get_product(slug: str) -> CatalogueProduct:
    """A product of the catalogue, offered or not; NotFound for a retired one."""
    return _one(_live().where(Product.slug == slug))


def _live() -> Select[Product]:
    return (
        select(Product)
        .join(Service, Service.id == Product.service_id)
        .where(Product.retired_at.is_(None), Service.retired_at.is_(None))
    )


def _one(wanted: Select[Product]) -> CatalogueProduct:
    found = _list(wanted)
    if not found:
        raise NotFound
    return found[0]


def _list(wanted: Select[Product]) -> tuple[CatalogueProduct, ...]:
    last = (
        select(ProductCopy.product, func.max(ProductCopy.number).label("number"))
        .group_by(ProductCopy.product)
        .subquery()
    )
    rows = db.session.execute(
        wanted.outerjoin(last, last.c.product == Product.slug)
        .outerjoin(
            ProductCopy,
            (ProductCopy.product == last.c.product) & (ProductCopy.number == last.c.number),
        )
        .with_only_columns(Product, Service.slug, ProductCopy)
        .order_by(Product.position, Product.id)
    )
    return tuple(_seen(product, service, copy) for product, service, copy in rows)


def _seen(product: Product, service: str, copy: ProductCopy | None) -> CatalogueProduct:
    written = {name: text for name, text in (copy.content if copy else {}).items() if text}
    return CatalogueProduct(
        slug=product.slug,
        name=product.name,
        service=service,
        price_cents=product.price_cents,
        currency=product.currency,
        is_active=product.active,
        copy=tidied({**default_copy(), **written}),
        copy_version=copy.number if copy else 0,
        saved_by=copy.saved_by if copy else "",
    )
