"""Made-up values for every kind of message, so that staff see how each reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from clinic.messaging.rules import Letterhead
from clinic.web.filters import clock, long_date, short_date

DAY = date(2026, 3, 3)


@dataclass(frozen=True, slots=True)
class SampleVisit:
    """A visit of nobody."""

    day: str
    short_day: str
    time: str
    zone: str
    service: str
    practitioner: str
    place: tuple[str, ...]
    path: str = "/visits/sample"
    is_confirmed: bool = False
    own_times: tuple[str, ...] = ()


def blank_values() -> dict[str, object]:
    """The names of placeholders in place of values."""
    visit = SampleVisit(
        day="{day}",
        short_day="{day}",
        time="{time}",
        zone="{zone}",
        service="{service}",
        practitioner="{practitioner}",
        place=("{place}",),
        path="/{visit}",
    )
    return {
        "clinic": Letterhead("{clinic}", ""),
        "site": "{site}",
        "visits": (visit,),
        "needs_time": False,
        "changes": ("{change}",),
    }


def sample_values(*, site: str) -> Mapping[str, object]:
    """What templates of all kinds ask for, plainly made up, its day in the present language."""
    visit = SampleVisit(
        day=long_date(DAY),
        short_day=short_date(DAY),
        time=clock(10 * 60),
        zone=_("Clinic time"),
        service=_("A sample service"),
        practitioner=_("A sample practitioner"),
        place=(_("A sample place"),),
    )
    return {
        "name": _("Sample Person"),
        "link": f"{site}/sample",
        "code": "123 456",
        "minutes": "10",
        "visits": (visit,),
        "total": "$350.00",
        "paid": "$350.00",
        "refunded": "$50.00",
        "needs_time": False,
        "changes": (_("2 visits were booked"), _("1 visit was moved")),
    }
