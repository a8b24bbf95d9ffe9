"""Visits of one patient for which a balance can be asked, as choices."""

from collections.abc import Iterable

from flask_babel import gettext as _

from clinic.scheduling.queries.visits import Visit
from clinic.web.filters import local_full_date, local_time


def present_asked_visits(visits: Iterable[Visit]) -> tuple[tuple[str, str], ...]:
    """The reference and the words of each; what was cancelled in time costs nothing and is out."""
    return tuple(
        (one.reference, _words(one))
        for one in visits
        if one.status != "cancelled" or one.is_late_cancelled
    )


def _words(one: Visit) -> str:
    day = local_full_date(one.starts_at, zone=one.zone)
    words = f"{day}, {local_time(one.starts_at, zone=one.zone)}, {one.service_name}"
    if one.status == "cancelled":
        return str(_("%(visit)s, cancelled late", visit=words))
    if one.status == "noshow":
        return str(_("%(visit)s, did not come", visit=words))
    return words
