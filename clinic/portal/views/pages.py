"""The pages of a signed-in patient, and of the children in their care."""

from flask import g, render_template
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.intake.queries.status import count_open
from clinic.payments.queries.orders import list_orders
from clinic.portal.presenters.orders import present_own_orders
from clinic.portal.presenters.person import PEOPLE, present_person
from clinic.portal.views.blueprint import HOME, blueprint
from clinic.scheduling.queries.requests import list_patient_requests
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import list_coming_visits, list_past_visits
from clinic.scheduling.queries.waitlist import list_patient_entries
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import household, patients_only
from clinic.web.households import Kin

MOST_ORDERS = 20
MOST_WAITS = 10


@blueprint.get(HOME)
@patients_only
def overview() -> ResponseReturnValue:
    """One's own visits; a guardian's first child's."""
    return _person_page(household().kin[0])


@blueprint.get(f"{PEOPLE}/<person>")
@patients_only
def person(person: str) -> ResponseReturnValue:
    """The visits of one member of the family."""
    return _person_page(kin_of(person))


def kin_of(person: str) -> Kin:
    """The member of the family of that public id.

    Somebody else's record and none at all are the same NotFound; the attempt goes on record.
    """
    public_id = read_public_id(person)
    found = household().find(public_id)
    if found is None:
        subject = f"patient:{public_id}"
        record_look(action="portal.refused", actor=g.actor, now=now(), subject=subject)
        raise NotFound
    g.actor = household().actor(found)
    return found


def _person_page(kin: Kin) -> ResponseReturnValue:
    at = now()
    actor, subject = household().actor(kin), f"patient:{kin.patient}"
    record_look(action="portal.seen", actor=actor, now=at, subject=subject)
    view = present_person(
        household=household(),
        kin=kin,
        coming=list_coming_visits(patient=kin.patient, now=at),
        past=list_past_visits(patient=kin.patient, now=at),
        requests=list_patient_requests(patient=kin.patient),
        waits=list_patient_entries(patient=kin.patient, limit=MOST_WAITS),
        zone=get_setting().zone,
        forms_open=count_open(patients=[kin.patient]).get(kin.patient, 0),
    )
    bought = list_orders(patient=kin.patient, limit=MOST_ORDERS).orders
    orders = present_own_orders(bought, zone=get_setting().zone)
    return render_template("portal/person.html", page=view, orders=orders)
