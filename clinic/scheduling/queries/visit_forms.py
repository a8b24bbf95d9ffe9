"""How the forms of a visit or a request stand."""

from clinic.intake.queries.status import FormsCount, count_forms
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.queries.visits import Visit


def find_request_forms(found: RequestedVisit) -> FormsCount | None:
    """How the forms stand that were asked for with a request; None without any."""
    about = f"visit-request:{found.public_id}"
    return count_forms(abouts=[about]).get(about)


def find_forms(visit: Visit) -> FormsCount | None:
    """How the forms of a visit stand; None for a visit without any."""
    about = f"appointment:{visit.public_id}"
    return count_forms(abouts=[about]).get(about)
