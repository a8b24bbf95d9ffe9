"""What the clinic offers."""

from flask import Response

from clinic.core.clock import now
from clinic.interop.forms.bookings import today
from clinic.interop.forms.query_strings import read_nothing
from clinic.interop.presenters import catalogue
from clinic.interop.views.answers import json_answer
from clinic.interop.views.blueprint import blueprint
from clinic.scheduling.queries.setting import currency, get_setting
from clinic.web.access import current_actor, public


@blueprint.get("/services")
@public
def list_services() -> Response:
    """What may be booked online; all services for staff."""
    read_nothing()
    is_staff = current_actor().is_staff
    found = catalogue.services(get_setting(), is_staff=is_staff, currency=currency())
    return json_answer({"services": found})


@blueprint.get("/practitioners")
@public
def list_practitioners() -> Response:
    """Who may be booked online; everybody for staff."""
    read_nothing()
    setting, is_staff = get_setting(), current_actor().is_staff
    day = today(setting, now=now())
    found = catalogue.practitioners(setting, is_staff=is_staff, today=day)
    return json_answer({"practitioners": found})


@blueprint.get("/locations")
@public
def list_locations() -> Response:
    """Where may be booked online; all locations for staff."""
    read_nothing()
    found = catalogue.locations(get_setting(), is_staff=current_actor().is_staff)
    return json_answer({"locations": found})
