"""The page of one member of a family, ready to print."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.portal.presenters.requests import RequestLine, present_request
from clinic.portal.presenters.visits import VisitLine, present_coming, present_past
from clinic.portal.presenters.waits import WaitLine, present_wait
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.queries.waitlist import WaitingEntry
from clinic.web.filters import full_date, phone
from clinic.web.households import Household, Kin

PEOPLE = "/portal/people"


@dataclass(frozen=True, slots=True)
class TabView:
    """One member of the family."""

    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class PersonView:
    """A patient's own page, or a child's as the guardian sees it. No tabs where there is one.

    ``next`` is the very next visit, ``coming`` are those after it.
    """

    title: str
    signed_in: str
    path: str
    tabs: tuple[TabView, ...]
    facts: tuple[tuple[str, str], ...]
    next: VisitLine | None
    coming: tuple[VisitLine, ...]
    past: tuple[VisitLine, ...]
    requests: tuple[RequestLine, ...]
    waits: tuple[WaitLine, ...]
    is_self: bool
    given_name: str
    forms_open: str = ""


def _forms_words(count: int) -> str:
    if not count:
        return ""
    return str(ngettext("Fill in your form", "Fill in your %(num)d forms", count))


def person_path(kin: Kin) -> str:
    """Where the pages of this member of the family begin."""
    return f"{PEOPLE}/{kin.patient}"


def present_person(
    *,
    household: Household,
    kin: Kin,
    coming: Sequence[Visit],
    past: Sequence[Visit],
    requests: Sequence[RequestedVisit],
    waits: Sequence[WaitingEntry],
    zone: str,
    forms_open: int = 0,
) -> PersonView:
    """The visits and contact data of ``kin``, with the way to the rest of the family.

    ``zone`` is the clinic's, ``forms_open`` how many forms wait to be filled in.
    """
    lines = tuple(present_coming(visit) for visit in coming)
    return PersonView(
        title=_("Your visits")
        if kin.is_self
        else str(_("Visits of %(name)s", name=kin.given_name)),
        signed_in=household.name,
        path=person_path(kin),
        tabs=_tabs(household, kin),
        facts=present_facts(kin),
        next=lines[0] if lines else None,
        coming=lines[1:],
        past=tuple(present_past(visit) for visit in past),
        requests=tuple(present_request(request, zone=zone) for request in requests),
        waits=tuple(present_wait(entry) for entry in waits),
        is_self=kin.is_self,
        given_name=kin.given_name,
        forms_open=_forms_words(forms_open),
    )


def present_facts(kin: Kin) -> tuple[tuple[str, str], ...]:
    """What we know of a person beside their visits."""
    none = str(_("not known"))
    pairs = [
        (_("Name"), kin.name),
        (_("Date of birth"), full_date(kin.birth_date)),
        (_("E-mail address"), kin.email or none),
        (_("Phone number"), phone(kin.phone) if kin.phone else none),
    ]
    if kin.guardian_name and kin.relation:
        pairs.append((_("In the care of"), f"{kin.guardian_name}, {relation_word(kin.relation)}"))
    return tuple((str(name), value) for name, value in pairs)


def relation_word(relation: str) -> str:
    """What a guardian is to the child."""
    words = {
        "parent": _("parent"),
        "guardian": _("legal guardian"),
        "other": _("in place of a parent"),
    }
    return str(words[relation])


def _tabs(household: Household, current: Kin) -> tuple[TabView, ...]:
    if len(household.kin) == 1:
        return ()
    return tuple(
        TabView(
            text=str(_("%(name)s (you)", name=one.name)) if one.is_self else one.name,
            href=person_path(one),
            is_current=one.patient == current.patient,
        )
        for one in household.kin
    )
