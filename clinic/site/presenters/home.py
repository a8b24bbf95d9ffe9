"""The home page's own content."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.setting import Setting
from clinic.site.presenters.people import (
    Offer,
    Person,
    href_of,
    moment,
    present_offer,
    present_people,
)
from clinic.site.queries.next_free import NextFree
from clinic.site.rules.markup import Block, read_markup
from clinic.site.rules.texts import Kind, Name, Text

HOME = Name(Kind.HOME, "home")
FEATURED = Name(Kind.CONDITION, "buttock-pain")


@dataclass(frozen=True, slots=True)
class Turn:
    """The second line of the headline; its first word is stressed."""

    stressed: str
    rest: str


@dataclass(frozen=True, slots=True)
class Home:
    """The home page. `title` is the headline as one line, as the h1 says it."""

    title: str
    headline: str
    turn: Turn
    lead: str
    description: str
    feature: str
    story: tuple[Block, ...]
    feature_href: str
    offers: tuple[Offer, ...]
    people: tuple[Person, ...]
    next_free: str
    next_free_href: str


def present_home(
    *,
    setting: Setting,
    next_free: Mapping[str, NextFree],
    texts: Mapping[Name, Text],
    currency: str,
) -> Home:
    """The home page. `next_free` is by practitioner; who has no free time is absent."""
    earliest = min(
        next_free.values(),
        key=lambda free: (free.slot.start, free.slot.practitioner),
        default=None,
    )
    said = texts[HOME].content
    stressed, _space, rest = said["turn"].partition(" ")
    return Home(
        title=f"{said['headline']} {said['turn']}",
        headline=said["headline"],
        turn=Turn(stressed, rest),
        lead=said["lead"],
        description=said["description"],
        feature=said["feature"],
        story=read_markup(said["story"]),
        feature_href="" if texts[FEATURED].is_hidden else f"/conditions/{FEATURED.slug}",
        offers=tuple(
            present_offer(service=one, currency=currency) for one in setting.services.values()
        ),
        people=present_people(setting=setting, next_free=next_free, texts=texts),
        next_free=_earliest(setting, earliest.slot) if earliest else "",
        next_free_href=href_of(earliest) if earliest else "",
    )


def _earliest(setting: Setting, slot: Slot) -> str:
    name = setting.practitioners[slot.practitioner].name
    return str(_("%(when)s with %(name)s", when=moment(setting=setting, slot=slot), name=name))
