"""What stands around every page: the clinic's name, phone, places and hours."""

import datetime as dt

from flask_babel import gettext as _

from clinic.scheduling.rules.setting import Setting
from clinic.site.rules.hours import OpenDays, opening_hours
from clinic.web.filters import short_clock, weekday
from clinic.web.pages import OpenHours, Place, SiteFacts

MONDAY = dt.date(2024, 1, 1)


def present_site(*, setting: Setting, today: dt.date, is_demo: bool) -> SiteFacts:
    """The frame of every page."""
    places = setting.locations.values()
    named = len(setting.locations) > 1
    return SiteFacts(
        name=setting.name,
        phone=setting.phone,
        places=tuple(Place(one.name if named else "", one.address) for one in places),
        hours=_hours(setting, today),
        is_demo=is_demo,
    )


def _hours(setting: Setting, today: dt.date) -> tuple[OpenHours, ...]:
    weeks = {
        place.name: opening_hours(setting=setting, location=place.slug, today=today)
        for place in setting.locations.values()
    }
    open_weeks = {name: tuple(_days(run) for run in runs) for name, runs in weeks.items() if runs}
    if len(weeks) > 1 and len({*weeks.values()}) == 1:
        return tuple(OpenHours("", lines) for lines in [*open_weeks.values()][:1])
    named = len(weeks) > 1
    return tuple(OpenHours(name if named else "", lines) for name, lines in open_weeks.items())


def _days(run: OpenDays) -> str:
    first, last = (weekday(MONDAY + dt.timedelta(days=day)) for day in (run.first, run.last))
    if run.first == run.last:
        days = first
    elif run.last == run.first + 1:
        days = _("%(first)s and %(last)s", first=first, last=last)
    else:
        days = _("%(first)s to %(last)s", first=first, last=last)
    times = ", ".join(
        _("%(start)s to %(end)s", start=short_clock(starts), end=short_clock(ends))
        for starts, ends in run.windows
    )
    return f"{days}, {times}"
