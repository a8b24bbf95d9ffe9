"""What a link of a message opens here, for as long as it does."""

from clinic.core.clock import now
from clinic.scheduling.queries.links import (
    LinkOfThePast,
    get_entry_by_token,
    get_request_by_token,
    get_visit_by_token,
    is_request_link_over,
    is_visit_link_over,
    is_waitlist_link_over,
)
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.queries.waitlist import WaitingEntry
from clinic.web.access import signed_in_household


def opened_visit(token: str) -> Visit:
    """The visit of a link. Raises LinkUnknown, LinkOfChildhood and LinkOfThePast.

    Whoever is signed in as its patient, or acts for them, opens it at any age.
    """
    visit = get_visit_by_token(token)
    if is_visit_link_over(visit=visit, now=now()) and not _is_ones_own(visit.patient):
        raise LinkOfThePast
    return visit


def opened_request(token: str) -> RequestedVisit:
    """The request of a link, with the same refusals."""
    found = get_request_by_token(token)
    if is_request_link_over(found=found, now=now()) and not _is_ones_own(found.patient):
        raise LinkOfThePast
    return found


def opened_entry(token: str) -> WaitingEntry:
    """The waitlist entry of a link, with the same refusals."""
    found = get_entry_by_token(token)
    if is_waitlist_link_over(entry=found, now=now()) and not _is_ones_own(found.patient):
        raise LinkOfThePast
    return found


def _is_ones_own(patient: str) -> bool:
    household = signed_in_household()
    return household is not None and household.find(patient) is not None
