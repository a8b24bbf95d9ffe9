"""Who is coming, as the page of a held time asks for it.

Three ways: for oneself, for a child, and, once signed in by code, for somebody of one's family.
The address says which (``?for=child``); what was typed is for that way alone.
"""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from clinic.core.values import PUBLIC, Actor
from clinic.people.asking.parties import ChildForm, FamilyForm, OwnForm
from clinic.web.access import signed_in_household
from clinic.web.households import Household

PartyForm = OwnForm | ChildForm | FamilyForm


@dataclass(frozen=True, slots=True)
class WayView:
    """One of the ways, as a tab."""

    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Party:
    """The form of the way that was chosen. ``query`` keeps the way in an address."""

    way: str
    form: PartyForm
    household: Household | None

    @property
    def query(self) -> str:
        """What the address of the page ends with."""
        return "?for=child" if self.way == "child" else ""

    @property
    def actor(self) -> Actor:
        """Who books: the public, or whoever is signed in."""
        if self.household is None:
            return PUBLIC
        form = self.form
        return self.household.actor(form.chosen() if isinstance(form, FamilyForm) else None)

    def ways(self, path: str, query: str = "") -> tuple[WayView, ...]:
        """The ways there are, at a page whose address may carry more (``query``, with its ?)."""
        first = _("Your family") if self.household else _("For me")
        second = _("Another child") if self.household else _("For a child")
        return (
            WayView(str(first), f"{path}{query}", self.way != "child"),
            WayView(
                str(second),
                f"{path}{query}{'&' if query else '?'}for=child",
                self.way == "child",
            ),
        )


def asked_party(*, offers_texts: bool = False) -> Party:
    """The way the address names, with the form as it was sent (or empty, when it is looked at).

    Whoever is signed in wishes for texts at their own pages, not here.
    """
    household = signed_in_household()
    if request.args.get("for") == "child":
        child = ChildForm(offers_texts=offers_texts)
        if household is not None and request.method != "POST":
            child.fill_in(household)
        return Party("child", child, household)
    if household is not None:
        return Party("family", FamilyForm(household=household), household)
    return Party("me", OwnForm(offers_texts=offers_texts), None)
