"""How a visit's forms stand."""

from clinic.intake.queries.status import FormsCount, count_forms
from clinic.scheduling.queries.visits import Visit


def find_forms(visit: Visit) -> FormsCount | None:
    """How the forms of a visit stand; None for a visit without any."""
    about = f"appointment:{visit.public_id}"
    return count_forms(abouts=[about]).get(about)
