"""Asking for a visit in one's own words: what about, when, with whom, and who asks."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput

from clinic.core.errors import Invalid
from clinic.core.values import Interval
from clinic.messaging.delivery import can_send
from clinic.messaging.rules import Channel
from clinic.people.asking.details import CONTACT, PERSON
from clinic.people.asking.guardians import GUARDIAN
from clinic.people.asking.whom import WhomForm
from clinic.people.rules.names import Unusable, clean_lines
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.requests.wishes import RequestWish, check_request_wish
from clinic.scheduling.rules.requests import (
    LONGEST_REASON,
    BodyArea,
    Modality,
    is_open_on,
    time_of,
)
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.wall_time import local_date
from clinic.scheduling.rules.week_view import Part
from clinic.web.date_field import BirthDateField
from clinic.web.filters import short_date
from clinic.web.households import Household
from clinic.web.typed import printable

W = TypeVar("W", bound=StrEnum)
CHOICES = 3
"""How many days may be named."""
ORDER = (
    *("key", "reason", "area", "usual"),
    *(f"{name}_{number}" for number in range(1, CHOICES + 1) for name in ("day", "part")),
    *("practitioner", "patient", "returning", *PERSON, *GUARDIAN, *CONTACT),
)
ANY = ("", _l("Any time"))
PARTS = [
    ANY,
    (Part.MORNING.value, _l("In the morning")),
    (Part.AFTERNOON.value, _l("In the afternoon")),
    (Part.EVENING.value, _l("After 5 PM")),
]
USUAL = [
    ("", _l("Any time you have")),
    (Part.MORNING.value, _l("Mornings")),
    (Part.AFTERNOON.value, _l("Afternoons")),
    (Part.EVENING.value, _l("After 5 PM")),
]
AREAS = [
    ("", _l("Choose, or leave it open")),
    (BodyArea.NECK.value, _l("Neck or head")),
    (BodyArea.SHOULDER.value, _l("Shoulder")),
    (BodyArea.ARM.value, _l("Elbow, wrist or hand")),
    (BodyArea.BACK.value, _l("Back")),
    (BodyArea.HIP.value, _l("Hip or buttock")),
    (BodyArea.KNEE.value, _l("Knee")),
    (BodyArea.FOOT.value, _l("Leg, ankle or foot")),
    (BodyArea.OTHER.value, _l("Somewhere else, or several places")),
]
RETURNING = [("no", _l("No, this is the first time")), ("yes", _l("Yes"))]


def choices_of(pairs: Sequence[tuple[str, object]]) -> list[SelectChoice]:
    """Pairs of value and words as a field takes them."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


class RequestForm(WhomForm):
    """A visit somebody asks for. ``key`` makes one request of a form that is sent twice."""

    ORDER = ORDER

    key = HiddenField()
    reason = TextAreaField(
        _l("What is it about?"),
        description=_l("In your own words: what hurts or has changed, and since when."),
    )
    area = SelectField(_l("Where is it?"), choices=choices_of(AREAS), validate_choice=False)
    usual = RadioField(
        _l("When does it usually suit you?"),
        choices=choices_of(USUAL),
        default="",
        validate_choice=False,
    )
    day_1 = StringField(_l("Day"), widget=DateInput())
    part_1 = SelectField(_l("Time of day"), choices=choices_of(PARTS), validate_choice=False)
    day_2 = StringField(_l("Day"), widget=DateInput())
    part_2 = SelectField(_l("Time of day"), choices=choices_of(PARTS), validate_choice=False)
    day_3 = StringField(_l("Day"), widget=DateInput())
    part_3 = SelectField(_l("Time of day"), choices=choices_of(PARTS), validate_choice=False)
    practitioner = SelectField(_l("With whom?"), choices=[], validate_choice=False)
    returning = RadioField(
        _l("Have you been to us before?"),
        choices=choices_of(RETURNING),
        validate_choice=False,
    )

    def __init__(
        self, *, setting: Setting, now: datetime, household: Household | None = None, **more: Any
    ) -> None:
        # Whoever is signed in wishes for texts at their own pages, not here.
        offers_texts = can_send(Channel.SMS) and household is None
        super().__init__(household=household, offers_texts=offers_texts, **more)
        self._setting = setting
        self._now = now
        self._today = local_date(instant=int(now.timestamp()), zone=setting.zone)
        people = [(one.slug, one.name) for one in setting.practitioners.values()]
        self.practitioner.choices = choices_of([("", _("Whoever is free first")), *people])
        self.area.flags.optional = True
        for number in range(1, CHOICES + 1):
            self[f"day_{number}"].render_kw = {"min": self._today.isoformat()}

    def read_request(self) -> tuple[RequestWish, PatientDetails] | None:
        """What is asked for and for whom, or None with every fault told at its field."""
        patient = self.read_whom(today=self._today)
        times = dict(self._times())
        wish = RequestWish(
            modality=Modality.IN_PERSON,
            reason=self._reason(),
            times=tuple(times.values()),
            part=one_of(Part, self.usual.data),
            area=one_of(BodyArea, self.area.data),
            practitioner=self.practitioner.data or None,
            is_returning=self._returning(),
        )
        wish = self.fitted(wish)
        try:
            check_request_wish(wish=wish, setting=self._setting, now=self._now)
        except Invalid as refusal:
            self._tell_wish(refusal, tuple(times))
        return (wish, patient) if patient and not self.errors else None

    def fitted(self, wish: RequestWish) -> RequestWish:
        """The wish with what the form asks besides; here there is nothing."""
        return wish

    def typed_pairs(self) -> list[tuple[str, str]]:
        """Everything that was typed, as hidden fields keep it from one page to the next."""
        pairs = []
        for field in self:
            if isinstance(field, BirthDateField):
                pairs += [(f"{field.name}-{part}", typed) for part, typed in field.typed.items()]
            elif field.name != "csrf_token":
                pairs.append((field.name, str((field.raw_data or [field.data or ""])[0])))
        return [(name, printable(typed)) for name, typed in pairs]

    def _reason(self) -> str:
        try:
            words = clean_lines(self.reason.data or "", longest=LONGEST_REASON)
        except Unusable as complaint:
            self.reason.errors = [_(str(complaint))]
            return ""
        if not words:
            self.reason.errors = [_("Say in a few words what it is about.")]
        return words

    def _times(self) -> Iterator[tuple[str, Interval]]:
        return self._times_in(self._setting.zone)

    def _times_in(self, zone: str) -> Iterator[tuple[str, Interval]]:
        """The days that were named, by their field; what is no day is told there."""
        for number in range(1, CHOICES + 1):
            field, part = self[f"day_{number}"], one_of(Part, self[f"part_{number}"].data)
            typed = (field.data or "").strip()
            if not typed:
                continue
            day = read_day(typed)
            if day is None:
                field.errors = [_("Enter a day that there is, like 3/14/2026.")]
                continue
            time = time_of(day=day, part=part, zone=zone)
            if time is not None:
                yield field.name, time
            if day >= self._today and (closed := self._closed(day)):
                field.errors = [closed]

    def _closed(self, day: date) -> str:
        if is_open_on(setting=self._setting, day=day):
            return ""
        reasons = [one.reason for one in self._setting.closures if one.date == day]
        if reasons:
            return str(
                _(
                    "We are closed on %(day)s: %(reason)s. Choose another day.",
                    day=short_date(day),
                    reason=reasons[0].rstrip("."),
                )
            )
        return str(_("Nobody sees patients on %(day)s. Choose another day.", day=short_date(day)))

    def _returning(self) -> bool | None:
        if self.kin() is not None:
            return True
        if self.returning.data not in {"yes", "no"}:
            self.returning.errors = [_("Choose whether you have been to us before.")]
            return None
        return bool(self.returning.data == "yes")

    def _tell_wish(self, refusal: Invalid, days: tuple[str, ...]) -> None:
        for path, sentences in refusal.errors.items():
            name, _dot, number = path.partition(".")
            field = self[days[int(number)] if number else name]
            if not field.errors:
                field.errors = [_(sentences[0])]


def read_day(text: str) -> date | None:
    """A day as a browser's calendar sends it, or as it is typed in the USA; None for another."""
    for pattern in ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"):
        try:
            found = datetime.strptime(text[:20], pattern).date()  # noqa: DTZ007 - a date
        except ValueError:
            continue
        return found if 1900 <= found.year <= 9000 else None
    return None


def one_of(kind: type[W], value: str | None) -> W | None:
    """The word of a closed list; what is none of them counts as not said."""
    return kind(value) if value in list(kind) else None
