"""Numbers for the manager: a period's visits and time, drawn, listed, and as a file."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.values import Role
from clinic.desk.presenters.numbers import PATH, numbers_file, present_numbers
from clinic.desk.presenters.request_numbers import (
    REQUESTS,
    present_request_numbers,
    request_numbers_file,
)
from clinic.desk.queries.numbers import get_numbers
from clinic.desk.queries.request_numbers import get_request_numbers
from clinic.desk.rules.numbers import Period, period_of
from clinic.desk.views.blueprint import blueprint
from clinic.scheduling.queries.setting import clinic_date
from clinic.scheduling.rules.week_address import read_date
from clinic.web.access import allow, current_actor

MANAGERS = (Role.ADMIN,)


@blueprint.get(PATH)
@allow(*MANAGERS)
def numbers() -> ResponseReturnValue:
    """Visits, no-shows, cancellations, time in use and lead time of a period."""
    period = _period()
    page = present_numbers(numbers=get_numbers(period), period=period)
    return render_template("desk/numbers.html", page=page)


@blueprint.get(f"{PATH}/numbers.csv")
@allow(*MANAGERS)
def numbers_csv() -> Response:
    """The same for a spreadsheet; it names no patient, and who took it is on record."""
    record_look(
        action="numbers.exported", actor=current_actor(), now=now(), subject="numbers:period"
    )
    answer = Response(numbers_file(get_numbers(_period())), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="numbers.csv"'
    return answer


@blueprint.get(REQUESTS)
@allow(*MANAGERS)
def request_numbers() -> ResponseReturnValue:
    """How soon visit requests had a first answer, and what became of them, by week."""
    period = _period()
    page = present_request_numbers(numbers=get_request_numbers(period, now=now()), period=period)
    return render_template("desk/request_numbers.html", page=page)


@blueprint.get(f"{REQUESTS}.csv")
@allow(*MANAGERS)
def request_numbers_csv() -> Response:
    """The same for a spreadsheet; it names no patient."""
    answer = Response(
        request_numbers_file(get_request_numbers(_period(), now=now())), mimetype="text/csv"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="requests.csv"'
    return answer


def _period() -> Period:
    first, last = (read_date(request.args.get(name, "")) for name in ("from", "to"))
    return period_of(first=first, last=last, today=clinic_date(now()))
