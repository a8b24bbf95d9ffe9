"""The analyses on offer, in the words that sell them by being clear."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.gait.presenters.times import moment
from clinic.gait.queries.products import CatalogueProduct
from clinic.gait.rules.copy import Pair, lines_of, named_lines, questions_of
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.setting import Setting
from clinic.web.filters import duration, money


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One analysis. `first_free` is the first free time of the lab for it, "" for none to tell."""

    slug: str
    name: str
    price: str
    minutes: str
    summary: str
    gets: tuple[Pair, ...]
    bring: str
    ask_first: tuple[str, ...]
    questions: tuple[Pair, ...]
    where: str
    first_free: str
    path: str


def present_analysis(
    *,
    product: CatalogueProduct,
    setting: Setting,
    next_free: Mapping[str, Slot],
) -> Analysis:
    """A product of the catalogue."""
    copy, service = product.copy, setting.services[product.service]
    slot = next_free.get(product.service)
    return Analysis(
        slug=product.slug,
        name=product.name,
        price=money(product.price_cents, currency=product.currency),
        minutes=duration(service.minutes),
        summary=copy["summary"],
        gets=named_lines(copy["gets"]),
        bring=copy["bring"],
        ask_first=lines_of(copy["ask_first"]),
        questions=questions_of(copy["questions"]),
        where=_where(setting, slot),
        first_free=_first_free(setting, slot),
        path=buy_path(product.slug),
    )


def buy_path(product: str) -> str:
    """Where a product is bought."""
    return f"/gait/buy/{product}"


def _first_free(setting: Setting, slot: Slot | None) -> str:
    if slot is None:
        return ""
    return moment(instant(slot.start), zone=setting.locations[slot.location].zone)


def _where(setting: Setting, slot: Slot | None) -> str:
    """The place, where a clinic has more than one and the lab is in one of them."""
    if slot is None or len(setting.locations) < 2:
        return ""
    return str(_("At %(place)s", place=setting.locations[slot.location].name))
