"""One section of a form as a page, and which section has to come first."""

from collections.abc import Mapping
from dataclasses import replace

from flask import render_template, request

from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.intake.library import safety_rules
from clinic.intake.presenters.pages import Around, present_page
from clinic.intake.queries.offers import list_offers
from clinic.intake.queries.responses import AssignedForm
from clinic.intake.rules.sections import Section, comes_first, missing_in, sections_of
from clinic.intake.rules.sent import Sent
from clinic.intake.rules.state import State
from clinic.intake.views.ground import is_safety_asked_again, removed_words
from clinic.intake.views.keeping import Again, mark_for
from clinic.intake.views.openers import Opener
from clinic.messaging.delivery import clinic_zone
from clinic.web.filters import local_time


def section_of(assigned: AssignedForm, number: int) -> Section:
    """The section of that number; NotFound."""
    found = (one for one in sections_of(form=assigned.form) if one.number == number)
    section = next(found, None)
    if section is None:
        raise NotFound
    return section


def first_open(assigned: AssignedForm, state: State) -> Section | None:
    """The safety questions, as long as they are not answered, or were too long ago."""
    first = comes_first(form=assigned.form, asked_by_rules=safety_rules().asked)
    if first is None or missing_in(section=first, state=state) or is_safety_asked_again(assigned):
        return first
    return None


def asks_safety_again(assigned: AssignedForm, section: Section) -> bool:
    """Whether the section is the safety questions, and they were answered too long ago."""
    if not is_safety_asked_again(assigned):
        return False
    first = comes_first(form=assigned.form, asked_by_rules=safety_rules().asked)
    return first is not None and first.number == section.number


def section_page(
    assigned: AssignedForm,
    opener: Opener,
    section: Section,
    sent: Sent | None = None,
    conflicts: tuple[str, ...] = (),
    missing: frozenset[str] = frozenset(),
    kept: Again | None = None,
    behind: Mapping[str, int] | None = None,
) -> str:
    """One section; with ``sent`` as it was typed, with what is wrong, missing or in conflict.

    ``kept`` is a page from before a session ended; ``behind`` is
    what ``PageSaved`` says.
    """
    around = _around(assigned, opener, section, conflicts, missing)
    view = present_page(
        assigned=assigned,
        section=section,
        around=replace(around, kept_base=kept.base if kept else None, behind=behind or {}),
        sent=sent,
        more=request.args.get("more", ""),
    )
    return render_template(
        "intake/page.html", page=view, opener=opener, mark=mark_for(assigned, opener)
    )


def _around(
    assigned: AssignedForm,
    opener: Opener,
    section: Section,
    conflicts: tuple[str, ...],
    missing: frozenset[str],
) -> Around:
    response = assigned.response
    is_first_time = response is None or section.number not in response.seen
    is_again = asks_safety_again(assigned, section)
    saved_at = local_time(response.saved_at, zone=clinic_zone()) if response is not None else ""
    return Around(
        offers=list_offers(assigned=assigned, now=now()) if is_first_time and not is_again else {},
        is_asked_again=is_again,
        is_own_device=not opener.is_kiosk,
        conflicts=conflicts,
        missing=missing,
        saved_at=saved_at,
        gone=removed_words(assigned),
        is_new=request.args.get("new") == "1",
        to_check=request.args.get("check") == "1" or request.form.get("do") == "check",
        way_back="/intake" if opener.is_family or not opener.is_kiosk else "",
    )
