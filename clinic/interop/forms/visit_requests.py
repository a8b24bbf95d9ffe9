"""What programs send to ask for a visit, and what staff answer to it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from clinic.core.errors import Invalid
from clinic.core.values import Actor, Interval
from clinic.interop.forms.bodies import Fields, fields_of
from clinic.interop.forms.bookings import read_patient
from clinic.interop.rules.json_text import JsonText, join
from clinic.people.rules.names import Unusable, clean_lines, clean_phone
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.requests.wishes import RequestWish, check_request_wish
from clinic.scheduling.operations.wishes import Wish, check_codes
from clinic.scheduling.rules.requests import (
    LANGUAGE_TAG,
    LONGEST_ADDRESS,
    LONGEST_ANSWER,
    LONGEST_LANGUAGE,
    LONGEST_REASON,
    MOST_OFFERS,
    MOST_TIMES,
    DeviceCheck,
    Modality,
    Tried,
)
from clinic.scheduling.rules.setting import Setting

REQUEST = (
    *("modality", "reason", "preferred", "patient", "guardian"),
    *("state", "practitioner", "time_zone"),
    *("language", "interpreter", "emergency_address", "emergency_phone", "device"),
)
AT_HOME = ("emergency_address", "emergency_phone", "device")
DEVICES = ("camera", "microphone", "connection")
LANGUAGE = re.compile(LANGUAGE_TAG)
SCHEDULE = ("starts_at", "practitioner", "service", "location", "state", "override")


@dataclass(frozen=True, slots=True)
class AskedVisit:
    """A visit that is asked for and whom it is for."""

    wish: RequestWish
    patient: PatientDetails


def read_visit_request(
    body: JsonText, *, setting: Setting, actor: Actor, now: datetime
) -> AskedVisit:
    """A visit request; Invalid with every fault at once, unknown codes too."""
    fields = fields_of(body, allowed=REQUEST)
    modality = fields.one_of("modality", [one.value for one in Modality], needed=True)
    wish = RequestWish(
        modality=Modality(modality or Modality.IN_PERSON),
        reason=fields.text("reason", needed=True, most=LONGEST_REASON) or "",
        times=_times(fields),
        state=fields.state("state"),
        practitioner=fields.text("practitioner"),
        zone=fields.text("time_zone"),
        language=read_language(fields),
        needs_interpreter=fields.flag("interpreter") or False,
        emergency_address=_tidied(
            fields, "emergency_address", lambda text: clean_lines(text, longest=LONGEST_ADDRESS)
        ),
        emergency_phone=_tidied(fields, "emergency_phone", clean_phone),
        device=_device(fields),
    )
    if modality == Modality.IN_PERSON:
        _refuse_at_home(fields)
    try:
        check_request_wish(wish=wish, setting=setting, now=now)
    except Invalid as wrong:
        fields.faults.add_new(wrong.errors)
    patient = read_patient(fields, setting=setting, actor=actor, now=now)
    fields.faults.refuse()
    if patient is None:
        raise AssertionError("a patient without faults was read")
    return AskedVisit(wish, patient)


def read_language(fields: Fields) -> str | None:
    """A BCP 47 tag, like ``es`` or ``pt-BR``."""
    found = fields.text("language", most=LONGEST_LANGUAGE)
    if found is not None and not LANGUAGE.fullmatch(found):
        fields.fault("language", _("Send the tag of a language, like es or pt-BR."))
        return None
    return found


def _tidied(fields: Fields, name: str, tidy: Callable[[str], str]) -> str | None:
    found = fields.text(name, most=LONGEST_ADDRESS)
    try:
        return tidy(found) or None if found is not None else None
    except Unusable as complaint:
        fields.fault(name, _(str(complaint)))
        return None


def _device(fields: Fields) -> DeviceCheck:
    """What the patient's browser found of each device, where it tried."""
    inside = fields.members("device", allowed=DEVICES)
    if inside is None:
        return DeviceCheck()
    found = {name: inside.one_of(name, list(Tried)) for name in DEVICES}
    return DeviceCheck(**{name: Tried(word) for name, word in found.items() if word})


def _refuse_at_home(fields: Fields) -> None:
    for name in AT_HOME:
        if fields.raw.get(name) is not None:
            fields.fault(name, _("This is asked for visits by video only: leave it out."))


def read_schedule(body: JsonText, *, setting: Setting) -> Wish:
    """The time that staff give to a request; Invalid with every fault at once.

    A state that is not named is the request's own.
    """
    fields = fields_of(body, allowed=SCHEDULE)
    wish = _read_wish(fields, setting)
    fields.faults.refuse()
    if wish is None:
        raise AssertionError("what is needed was read")
    return wish


def read_offers(body: JsonText, *, setting: Setting) -> tuple[Wish, ...]:
    """The times that staff offer; Invalid with every fault at once."""
    fields = fields_of(body, allowed=("times",))
    raw = fields.raw.get("times")
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_OFFERS:
        fields.fault("times", _("Send one to %(most)d times.", most=MOST_OFFERS))
        raw = []
    found = []
    for number, one in enumerate(raw):
        path = join("times", str(number))
        if not isinstance(one, dict):
            fields.faults.add(path, _("Send this as an object."))
            continue
        inside = Fields(one, allowed=SCHEDULE, faults=fields.faults, path=path)
        found.append(_read_wish(inside, setting))
    fields.faults.refuse()
    return tuple(one for one in found if one is not None)


def _read_wish(fields: Fields, setting: Setting) -> Wish | None:
    starts_at = fields.instant("starts_at", needed=True)
    service = fields.text("service", needed=True)
    practitioner, location = fields.text("practitioner"), fields.text("location")
    state, reason = fields.state("state"), fields.reason("override")
    if starts_at is None or service is None:
        return None
    wish = Wish(
        service=service,
        starts_at=starts_at,
        practitioner=practitioner,
        location=location,
        state=state,
        override_reason=reason,
    )
    _check_codes(fields, wish, setting)
    return wish


def read_answer(body: JsonText, *, name: str) -> str:
    """The words of an answer or of a reason to decline, in the member ``name``."""
    fields = fields_of(body, allowed=(name,))
    words = fields.text(name, needed=True, most=LONGEST_ANSWER)
    fields.faults.refuse()
    return words or ""


def _check_codes(fields: Fields, wish: Wish, setting: Setting) -> None:
    try:
        check_codes(setting=setting, wish=wish)
    except Invalid as unknown:
        # A missing state may be that of the request, which is not known here.
        found = {
            join(fields.path, name): said
            for name, said in unknown.errors.items()
            if name != "state"
        }
        fields.faults.add_new(found)


def _times(fields: Fields) -> tuple[Interval, ...]:
    raw = fields.raw.get("preferred")
    if raw is None:
        return ()
    if not isinstance(raw, list):
        fields.fault("preferred", _("Send a list of times, each with from and to."))
        return ()
    if len(raw) > MOST_TIMES:
        fields.fault("preferred", _("Name at most %(most)d times.", most=MOST_TIMES))
        return ()
    found = [_time(fields, raw, number) for number in range(len(raw))]
    return tuple(one for one in found if one is not None) if None not in found else ()


def _time(fields: Fields, raw: Sequence[object], number: int) -> Interval | None:
    path = join("preferred", str(number))
    one = raw[number]
    if not isinstance(one, dict):
        fields.faults.add(path, _("Send this as an object."))
        return None
    inside = Fields(one, allowed=("from", "to"), faults=fields.faults, path=path)
    begins, ends = inside.instant("from", needed=True), inside.instant("to", needed=True)
    if begins is None or ends is None:
        return None
    if begins >= ends:
        inside.fault("to", _("A time ends after it begins."))
        return None
    return Interval(begins, ends)
