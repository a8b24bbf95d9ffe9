"""What somebody who has booked does before the visit: find the way, bring what is needed."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _

from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.states import STATES

MAPS = "https://www.google.com/maps/search/"
"""A plain link that phones open in their map; nothing of it is loaded into our pages."""


@dataclass(frozen=True, slots=True)
class ComingView:
    """How to come to a visit: ``place`` heads its ``lines``, ``bring`` heads ``things``.

    ``directions`` are the clinic's own words, in lines, and may be "". ``map_href`` leads to
    another site's map, "" where there is no address.
    """

    place: str
    lines: tuple[str, ...]
    directions: str
    map_href: str
    bring: str
    things: str


def present_coming(*, visit: Visit, setting: Setting) -> ComingView:
    """The way to a visit, or where to be for a video visit."""
    if visit.modality == "telehealth":
        return _by_video(visit)
    place = setting.locations.get(visit.location)
    return _in_person(visit, place.directions if place else "")


def _in_person(visit: Visit, directions: str) -> ComingView:
    address = [line.strip() for line in visit.address.splitlines() if line.strip()]
    query = urlencode({"api": 1, "query": ", ".join(address)})
    return ComingView(
        place=str(_("Find your way")),
        lines=(visit.location_name, *address),
        directions=directions,
        map_href=f"{MAPS}?{query}" if address else "",
        bring=str(_("Bring with you")),
        things=str(
            _(
                "A photo ID, your insurance card and a referral if you have them, "
                "and clothes you can move in."
            )
        ),
    )


def _by_video(visit: Visit) -> ComingView:
    state = STATES.get(visit.patient_state or "", "")
    return ComingView(
        place=str(_("Be in %(state)s", state=state) if state else _("Stay where you are")),
        lines=(
            str(_("A clinician may only see you in a state they are licensed for.")),
            str(_("If you will be elsewhere, tell us before the visit.")),
        ),
        directions="",
        map_href="",
        bring=str(_("Have at hand")),
        things=str(_("A phone or computer with a camera, good light, and room to move.")),
    )
