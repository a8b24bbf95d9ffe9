"""When a practitioner's licence of a state lapses, and which visits it no longer covers. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.scheduling.rules.offers import has_licence
from clinic.scheduling.rules.requests import FARTHEST
from clinic.scheduling.rules.setting import Licence, Practitioner, Setting

WARNED_DAYS = 90
"""So far ahead a lapse is listed: renewing takes some states two months."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lapse:
    """The last day on which a practitioner is licensed in a state.

    ``resumes`` is the day from which another licence covers it again, None when none does.
    """

    practitioner: Practitioner
    licence: Licence
    last_day: date
    resumes: date | None

    @property
    def state(self) -> str:
        """The state's two letters."""
        return self.licence.state or ""


def list_lapses(*, setting: Setting, today: date) -> tuple[Lapse, ...]:
    """What lapses from today to 90 days on, the next first; a licence renewed in time does not."""
    until = today + timedelta(days=WARNED_DAYS)
    found = [
        lapse
        for practitioner in setting.practitioners.values()
        for licence in practitioner.licences
        if (lapse := _lapse(practitioner, licence)) and today <= lapse.last_day <= until
    ]
    kept = {(one.practitioner.slug, one.state, one.last_day): one for one in found}
    return tuple(
        sorted(kept.values(), key=lambda one: (one.last_day, one.practitioner.slug, one.state))
    )


def is_covered(*, setting: Setting, practitioner: str, state: str | None, day: date) -> bool:
    """Whether a visit by video of that local date is covered; not by one who is no longer there."""
    person = setting.practitioners.get(practitioner)
    return person is not None and has_licence(practitioner=person, state=state, day=day)


def covers(
    *, setting: Setting, state: str, first: date, last: date, service: str | None = None
) -> bool:
    """Whether somebody who gives video visits is licensed there on a day of the span.

    ``service`` asks for those alone who give that one. Both dates are included. A licence without a
    state covers none.
    """
    return any(
        licence.state == state
        and (licence.valid_from is None or licence.valid_from <= last)
        and (licence.valid_to is None or first <= licence.valid_to)
        for practitioner in setting.practitioners.values()
        if any(
            setting.services[slug].is_telehealth and service in {None, slug}
            for slug in practitioner.services
        )
        for licence in practitioner.licences
    )


def covers_ahead(*, setting: Setting, state: str, today: date, service: str | None = None) -> bool:
    """The same on any day for which a visit may be asked for by now."""
    last = today + FARTHEST
    return covers(setting=setting, state=state, first=today, last=last, service=service)


def _lapse(practitioner: Practitioner, licence: Licence) -> Lapse | None:
    """When the state is covered by no licence on the day after this one; a gap is a lapse too."""
    if licence.state is None or licence.valid_to is None or licence.valid_to == date.max:
        return None
    after = licence.valid_to + A_DAY
    if has_licence(practitioner=practitioner, state=licence.state, day=after):
        return None
    return Lapse(
        practitioner, licence, licence.valid_to, _resumes(practitioner.licences, licence, after)
    )


def _resumes(licences: Iterable[Licence], ended: Licence, after: date) -> date | None:
    later = [
        one.valid_from
        for one in licences
        if one.state == ended.state and one.valid_from is not None and one.valid_from > after
    ]
    return min(later, default=None)
