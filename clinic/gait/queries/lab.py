"""Free times of the lab: its room, its equipment and a person, all free together."""

from datetime import date, datetime

from clinic.core.errors import NotFound
from clinic.scheduling.queries.diary import query_now
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.weeks import Week, find_week
from clinic.scheduling.rules.asking import Query


def find_lab_week(
    *,
    service: str,
    day: date | None,
    now: datetime,
    state: str | None = None,
    is_staff: bool = False,
) -> Week:
    """The week of ``day``, or that of the first free time; NotFound for a service that is gone.

    What is bought here has times whether or not its service is ``online``, so that a clinic can
    have a service paid for before it is booked. A visit by video has times only in a ``state`` that
    the patient will be in.
    """
    setting = get_setting()
    if service not in setting.services:
        raise NotFound
    query = Query(
        setting=setting,
        service=service,
        state=state,
        now=query_now(now),
        staff=is_staff,
        sold=True,
    )
    return find_week(query=query, day=day, now=now)
