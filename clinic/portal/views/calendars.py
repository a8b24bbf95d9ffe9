"""One's own visits in a calendar program, under a secret address."""

from flask import current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.portal.presenters.person import PEOPLE, person_path
from clinic.portal.views.blueprint import blueprint
from clinic.portal.views.pages import kin_of
from clinic.scheduling.operations.feeds import end_patient_feed, make_patient_feed
from clinic.scheduling.queries.feeds import has_feed
from clinic.web.access import household, patients_only
from clinic.web.households import Kin
from config import Config

PATH = f"{PEOPLE}/<person>/calendar"


@blueprint.get(PATH)
@patients_only
def calendar(person: str) -> ResponseReturnValue:
    """Whether there is an address, and what it is good for."""
    return _page(kin_of(person))


@blueprint.post(f"{PATH}/make")
@patients_only
def make_calendar(person: str) -> ResponseReturnValue:
    """Make a new address and show it, once."""
    kin = kin_of(person)
    actor = household().actor(kin)
    return _page(kin, make_patient_feed(patient=kin.patient, actor=actor, now=now()))


@blueprint.post(f"{PATH}/end")
@patients_only
def end_calendar(person: str) -> ResponseReturnValue:
    """Let the address find nothing any more."""
    kin = kin_of(person)
    end_patient_feed(patient=kin.patient, actor=household().actor(kin), now=now())
    return redirect(f"{person_path(kin)}/calendar?done=ended", 303)


def _page(kin: Kin, token: str = "") -> str:
    config: Config = current_app.config["CLINIC"]
    address = f"{config.base_url}/calendar/{token}.ics" if token else ""
    return render_template(
        "portal/calendar.html",
        path=person_path(kin),
        is_self=kin.is_self,
        given_name=kin.given_name,
        has_feed=has_feed(patient=kin.patient),
        address=address,
        on_this_device=f"webcal://{address.partition('://')[2]}" if address else "",
        has_ended=request.args.get("done") == "ended",
    )
