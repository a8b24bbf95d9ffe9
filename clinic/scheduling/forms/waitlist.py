"""What somebody waits for: from when until when, on which days, at what time of day, with whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput

from clinic.core.errors import Invalid
from clinic.scheduling.forms.requests import choices_of, one_of, read_day
from clinic.scheduling.operations.refusals import TooFar, TooSoon
from clinic.scheduling.operations.waitlist.wishes import check_wait_wish
from clinic.scheduling.queries.waitlist import WaitingEntry
from clinic.scheduling.rules.setting import Service, Setting
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.waitlist import WaitWish, Window
from clinic.scheduling.rules.week_address import Ask
from clinic.scheduling.rules.week_view import PARTS, Part
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.posted import PostedForm

USUAL = timedelta(days=28)
DAYS = [
    ("0", _l("Mondays")),
    ("1", _l("Tuesdays")),
    ("2", _l("Wednesdays")),
    ("3", _l("Thursdays")),
    ("4", _l("Fridays")),
    ("5", _l("Saturdays")),
    ("6", _l("Sundays")),
]
TIMES = [
    (Part.MORNING.value, _l("In the morning")),
    (Part.AFTERNOON.value, _l("In the afternoon, until 5 PM")),
    (Part.EVENING.value, _l("After 5 PM")),
]
FIELDS = {"from": "from_day", "to": "to_day", "times": "parts", "state": "from_day"}
"""Where a fault is told that the interface names otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """For what somebody may wait here: the service as the address asks for it, and its places."""

    setting: Setting
    service: Service
    ask: Ask
    places: Sequence[str]
    today: date
    now: datetime
    is_staff: bool = False


class WaitForm(PostedForm):
    """The times that somebody waits for."""

    from_day = StringField(_l("From"), widget=DateInput())
    to_day = StringField(_l("Until"), widget=DateInput())
    days = SelectMultipleField(
        _l("On which days?"),
        description=_l("Tick none if every day would do."),
        choices=choices_of(DAYS),
        validate_choice=False,
    )
    parts = SelectMultipleField(
        _l("At what time of day?"),
        description=_l("Tick none if any time would do."),
        choices=choices_of(TIMES),
        validate_choice=False,
    )
    practitioner = SelectField(_l("With whom?"), choices=[], validate_choice=False)
    location = SelectField(_l("Where?"), choices=[], validate_choice=False)

    def __init__(self, *, waiting: Waiting, **more: Any) -> None:
        super().__init__(**more)
        self.waiting = waiting
        setting, service = waiting.setting, waiting.service
        people = [
            (one.slug, one.name)
            for one in setting.practitioners.values()
            if service.slug in one.services
        ]
        places = [(slug, setting.locations[slug].name) for slug in waiting.places]
        self.practitioner.choices = _any_of(_("Whoever is free first"), people)
        self.location.choices = _any_of(_("Wherever a time is free first"), places)
        if len(people) < 2:
            del self.practitioner
        if len(places) < 2:
            del self.location
        for field in (self.from_day, self.to_day):
            field.render_kw = {"min": waiting.today.isoformat()}

    def begin(self) -> None:
        """What the address says already need not be chosen again."""
        ask, today = self.waiting.ask, self.waiting.today
        begins = max(ask.week or today, today)
        self.from_day.data = begins.isoformat()
        self.to_day.data = (begins + USUAL).isoformat()
        self.parts.data = [ask.part.value] if ask.part else []
        if self.practitioner:
            self.practitioner.data = ask.practitioner or ""
        if self.location:
            self.location.data = ask.location or ""

    def begin_like(self, entry: WaitingEntry) -> None:
        """The same wish once more, from today on."""
        begins = max(entry.from_date, self.waiting.today)
        self.from_day.data = begins.isoformat()
        self.to_day.data = max(entry.to_date, begins).isoformat()
        self.days.data = [str(day) for day in sorted(entry.days)]
        self.parts.data = [
            part.value
            for part, (begins_at, ends_at) in PARTS.items()
            if any(one.starts <= begins_at and ends_at <= one.ends for one in entry.windows)
        ]
        if self.practitioner:
            self.practitioner.data = entry.practitioner or ""
        if self.location:
            self.location.data = entry.location or ""

    def read(
        self, *, patient_zone: str | None = None, screened_as: str | None = None
    ) -> WaitWish | None:
        """What is waited for, or None with every fault told at its field."""
        begins, ends = _day_of(self.from_day), _day_of(self.to_day)
        if begins is None or ends is None:
            return None
        wish = WaitWish(
            service=self.waiting.service.slug,
            from_date=max(begins, self.waiting.today) if ends >= self.waiting.today else begins,
            to_date=ends,
            practitioner=self._chosen("practitioner"),
            location=self._chosen("location"),
            state=self.waiting.ask.state,
            days=frozenset(int(day) for day in self.days.data or () if day in dict(DAYS)),
            windows=windows_of_parts(self.parts.data or ()),
            patient_zone=patient_zone,
            screened_as=screened_as,
        )
        return wish if self._may_be(wish) else None

    def _chosen(self, name: str) -> str | None:
        field = getattr(self, name, None)
        return (str(field.data or "") or None) if field is not None else None

    def _may_be(self, wish: WaitWish) -> bool:
        """Whether it can be waited for; what the dates are to blame for is said beside them."""
        waiting = self.waiting
        try:
            check_wait_wish(
                wish=wish, setting=waiting.setting, is_staff=waiting.is_staff, now=waiting.now
            )
        except Invalid as refusal:
            for path, sentences in refusal.errors.items():
                field = self[FIELDS.get(path, path)]
                field.errors = [_(sentences[0])]
        except TooSoon:
            self.to_day.errors = [_("This day is over. Choose a later one.")]
        except TooFar:
            self.from_day.errors = [_("We do not plan so far ahead yet. Choose an earlier day.")]
        return not self.errors


def windows_of_parts(chosen: Sequence[str]) -> tuple[Window, ...]:
    """The times of day that were ticked, neighbours joined; all or none of them are any time."""
    parts = sorted({PARTS[part] for value in chosen if (part := one_of(Part, value))})
    found: list[Window] = []
    for begins, ends in parts:
        if found and found[-1].ends == begins:
            begins = found.pop().starts  # noqa: PLW2901 - the two are one
        found.append(Window(begins, ends))
    return () if len(parts) == len(PARTS) else tuple(found)


def service_fields(waiting: Waiting) -> tuple[FieldView, ...]:
    """The service that somebody is put on the list for, and the state of a visit by video."""
    services = [(one.slug, one.name) for one in waiting.setting.services.values()]
    found = [_select("service", _("Service"), services, waiting.service.slug)]
    if waiting.service.is_telehealth:
        states = [("", str(_("Choose a state"))), *STATES.items()]
        found.append(_select("state", _("Patient is in"), states, waiting.ask.state or ""))
    return tuple(found)


def _select(name: str, label: str, options: Sequence[tuple[str, str]], chosen: str) -> FieldView:
    choices = tuple(
        ChoiceView(f"{name}-{number}", value, words, value == chosen)
        for number, (value, words) in enumerate(options)
    )
    return FieldView(id=name, name=name, label=label, choices=choices)


def _any_of(anything: str, pairs: Sequence[tuple[str, object]]) -> list[SelectChoice]:
    return choices_of([("", anything), *pairs])


def _day_of(field: Field) -> date | None:
    found = read_day((field.data or "").strip())
    if found is None:
        field.errors = [_("Enter a day that there is, like 3/14/2026.")]
    return found
