"""Asking for a video visit: where the patient will be, by which clock, and with which devices."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum

from babel.dates import get_timezone_location
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, TelField, TextAreaField

from clinic.core.values import Interval
from clinic.people.asking.details import CONTACT, PERSON
from clinic.people.asking.guardians import GUARDIAN
from clinic.people.rules.names import Unusable, clean_lines, clean_phone
from clinic.scheduling.forms.requests import CHOICES, RequestForm, choices_of, one_of
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.presenters.request_words import LANGUAGES
from clinic.scheduling.rules.licences import covers_ahead
from clinic.scheduling.rules.requests import LONGEST_ADDRESS, DeviceCheck, Modality, Tried
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.zones import is_zone, offered_zones

WHERE = ("state", "emergency_address", "emergency_phone")
ABOUT = ("reason", "area", "zone", "usual")
DEVICES = ("camera", "microphone", "connection")


class Kind(StrEnum):
    """How the patient would like to be seen."""

    VIDEO = "video"
    EITHER = "either"


KINDS = [
    (Kind.VIDEO.value, _l("By video")),
    (Kind.EITHER.value, _l("I am not sure: by video or at the office")),
]


class TelehealthForm(RequestForm):
    """A video visit somebody asks for, or either kind. ``is_uncovered`` after ``read_request``: the
    clinic may see nobody by video in the state that was chosen."""

    ORDER = (
        *("key", "kind", *WHERE, *ABOUT),
        *(f"{name}_{number}" for number in range(1, CHOICES + 1) for name in ("day", "part")),
        *("practitioner", "language", "interpreter", *DEVICES),
        *("patient", "returning", *PERSON, *GUARDIAN, *CONTACT),
    )

    kind = RadioField(
        _l("How would you like to be seen?"),
        choices=choices_of(KINDS),
        default=Kind.VIDEO.value,
        validate_choice=False,
    )
    state = SelectField(
        _l("In which state will you be?"),
        description=_l("We may only see you by video where we are licensed."),
        choices=[],
        validate_choice=False,
    )
    emergency_address = TextAreaField(
        _l("At which address?"),
        description=_l("Street and city. We send help there if you need it during the visit."),
        render_kw={"autocomplete": "street-address"},
    )
    emergency_phone = TelField(
        _l("Phone where you can be reached during the visit"),
        description=_l("If the picture breaks off, we call you there."),
        render_kw={"autocomplete": "tel"},
    )
    zone = SelectField(_l("By which clock?"), choices=[], validate_choice=False)
    language = SelectField(_l("In which language?"), choices=[], validate_choice=False)
    interpreter = BooleanField(_l("I need an interpreter"))
    camera = HiddenField()
    microphone = HiddenField()
    connection = HiddenField()

    def __init__(self, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]
        self.is_uncovered = False
        self.state.choices = choices_of([("", _("Choose a state")), *STATES.items()])
        chosen = self.zone.data if self.zone.raw_data else None
        self.has_zone = bool(chosen)
        self.zone.choices = choices_of(
            [(name, zone_choice(name)) for name in offered_zones(chosen=chosen)]
        )
        self.language.choices = choices_of([(code, words()) for code, words in LANGUAGES.items()])
        if not chosen:
            self.zone.data = self._setting.zone

    def fill_in(self) -> None:
        """Whoever is signed in is most likely reached at the number that is on record."""
        super().fill_in()
        if self.household is not None:
            self.emergency_phone.data = self.household.phone

    def fitted(self, wish: RequestWish) -> RequestWish:
        """The wish of the form it stands on, with what only a video visit needs; faults are told
        at their fields."""
        self._check_place()
        is_unsure = self.kind.data == Kind.EITHER.value
        language = self.language.data if self.language.data in LANGUAGES else None
        asked = replace(
            wish, language=language or None, needs_interpreter=bool(self.interpreter.data)
        )
        if is_unsure and self.is_uncovered:
            return asked
        return replace(
            asked,
            modality=Modality.TELEHEALTH,
            is_unsure=is_unsure,
            state=self.state.data or None,
            zone=self.own_zone(),
            emergency_address=(self.emergency_address.data or "").strip() or None,
            emergency_phone=self.emergency_phone.data or None,
            device=DeviceCheck(
                camera=one_of(Tried, self.camera.data),
                microphone=one_of(Tried, self.microphone.data),
                connection=one_of(Tried, self.connection.data),
            ),
        )

    def own_zone(self) -> str:
        """The clock that was chosen; the clinic's where it is none."""
        chosen = str(self.zone.data or "")
        return chosen if is_zone(chosen) else self._setting.zone

    def _times(self) -> Iterator[tuple[str, Interval]]:
        return self._times_in(self.own_zone())

    def _closed(self, day: date) -> str:
        """Another clock's day is not the clinic's, so no day is refused here."""
        del day
        return ""

    def _check_place(self) -> None:
        if not is_zone(str(self.zone.data or "")):
            self.zone.errors = [_("Choose the clock of the place where you will be.")]
        if self.state.data not in STATES:
            self.state.errors = [_("Choose the state where you will be during the visit.")]
        else:
            self._check_covered(str(self.state.data))
        self._check_emergency()

    def _check_covered(self, state: str) -> None:
        self.is_uncovered = not covers_ahead(setting=self._setting, state=state, today=self._today)
        if self.is_uncovered and self.kind.data != Kind.EITHER.value:
            self.state.errors = [
                _("We may not see patients in %(state)s by video.", state=STATES[state])
            ]

    def _check_emergency(self) -> None:
        address, number = self.emergency_address, self.emergency_phone
        try:
            address.data = clean_lines(address.data or "", longest=LONGEST_ADDRESS)
        except Unusable as complaint:
            address.errors = [_(str(complaint))]
        if not address.data and not address.errors:
            address.errors = [_("Enter the address where you will be.")]
        try:
            number.data = clean_phone(number.data or "")
        except Unusable as complaint:
            number.errors = [_(str(complaint))]
        if not number.data and not number.errors:
            number.errors = [_("Enter a phone number where you can be reached.")]


def zone_choice(name: str) -> str:
    """`New York`, for a list of clocks."""
    return str(get_timezone_location(name, locale=str(get_locale() or "en_US"), return_city=True))
