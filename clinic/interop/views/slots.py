"""Times that can be booked."""

from flask import Response

from clinic.core.clock import now
from clinic.interop.forms.query_strings import read_slots_asked
from clinic.interop.presenters.slots import availability_json
from clinic.interop.views.answers import bytes_answer
from clinic.interop.views.blueprint import blueprint
from clinic.scheduling.queries.diary import query_now
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.slots import find_availability
from clinic.scheduling.rules.asking import Query
from clinic.web.access import current_actor, public


@blueprint.get("/slots")
@public
def list_slots() -> Response:
    """The slots of a service on some dates, or why there are none, and the next one after."""
    setting, moment = get_setting(), now()
    asked = read_slots_asked(setting)
    query = Query(
        setting=setting,
        service=asked.service,
        practitioner=asked.practitioner,
        location=asked.location,
        state=asked.state,
        now=query_now(moment),
        staff=current_actor().is_staff,
    )
    found = find_availability(
        query=query, from_date=asked.from_date, to_date=asked.to_date, now=moment
    )
    answer = bytes_answer(availability_json(found, setting=setting))
    answer.headers["Cache-Control"] = "no-store"
    return answer
