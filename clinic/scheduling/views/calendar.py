"""A visit as a file that calendars read, for whoever has its link."""

from flask import Response, current_app

from clinic.core.clock import now
from clinic.scheduling.presenters.calendar_files import present_calendar_file
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.views.opened import opened_visit
from clinic.scheduling.views.pages import blueprint
from clinic.web.access import public
from config import Config


@blueprint.get("/visits/<token>/visit.ics")
@public
def calendar_file(token: str) -> Response:
    """The visit for a calendar; once it is cancelled the file strikes it out there."""
    config: Config = current_app.config["CLINIC"]
    found = opened_visit(token)
    body = present_calendar_file(
        visit=found, clinic=get_setting().name, base_url=config.base_url, now=now()
    )
    method = "CANCEL" if found.status == "cancelled" else "PUBLISH"
    answer = Response(body, content_type=f"text/calendar; charset=utf-8; method={method}")
    answer.headers["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return answer
