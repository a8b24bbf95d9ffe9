"""What programs send to book and to move."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _

from clinic.core.errors import Forbidden, Invalid, Refusal
from clinic.core.values import Actor
from clinic.interop.forms.bodies import Fields, fields_of
from clinic.interop.rules.bounds import LONGEST_REASON
from clinic.interop.rules.json_text import JsonText
from clinic.people.rules.ages import is_minor
from clinic.people.rules.guardians import RELATIONS, GuardianDetails, guardian_details
from clinic.people.rules.names import Unusable
from clinic.people.rules.patients import PatientDetails, birth_date_of, patient_details
from clinic.scheduling.operations.moving import Change
from clinic.scheduling.operations.wishes import Wish, check_codes, may_book_as_staff
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.zones import NO_ZONE, is_zone

BOOKING = (
    *("service", "practitioner", "location", "starts_at", "state"),
    *("patient", "guardian", "override", "time_zone"),
)
GUARDIAN = ("name", "birth_date", "relation")
MOVE = ("starts_at", "practitioner", "resources", "override")
LARGEST_VERSION = 2**31 - 1


class PreconditionRequired(Refusal):
    """A change must name the version it was made from."""

    code = "precondition-required"
    status = 428
    message = "Send If-Match with the version that you looked at."


@dataclass(frozen=True, slots=True)
class Booking:
    """A wish and whom it is for."""

    wish: Wish
    patient: PatientDetails


def refuse_onlookers(actor: Actor) -> None:
    """Raise Forbidden for staff whose role books nothing: they ask for nothing either."""
    if actor.is_staff and not may_book_as_staff(actor):
        raise Forbidden


def refuse_strangers_override(body: JsonText, *, actor: Actor) -> None:
    """Raise Forbidden for an override by somebody who may not."""
    asks = isinstance(body.value, dict) and body.value.get("override") is not None
    if asks and not may_book_as_staff(actor):
        raise Forbidden


def read_booking(body: JsonText, *, setting: Setting, actor: Actor, now: datetime) -> Booking:
    """A booking of one visit; Invalid with every fault at once, unknown codes too."""
    fields = fields_of(body, allowed=BOOKING)
    wish = read_wish(fields, setting=setting, now=now, reason=fields.reason("override"))
    wish = replace(wish, patient_zone=_patient_zone(fields, wish, setting))
    patient = read_patient(fields, setting=setting, actor=actor, now=now)
    fields.faults.refuse()
    if patient is None:
        raise AssertionError("a patient without faults was read")
    return Booking(wish, patient)


def read_wish(fields: Fields, *, setting: Setting, now: datetime, reason: str | None) -> Wish:
    """The wished time; what is wrong with it is noted in the fields' faults."""
    wish = Wish(
        service=fields.text("service", needed=True) or "",
        starts_at=fields.instant("starts_at", needed=True) or now.replace(microsecond=0),
        practitioner=fields.text("practitioner"),
        location=fields.text("location"),
        state=fields.state("state"),
        override_reason=reason,
    )
    try:
        check_codes(setting=setting, wish=wish)
    except Invalid as unknown:
        fields.faults.add_new(unknown.errors)
    return wish


def _patient_zone(fields: Fields, wish: Wish, setting: Setting) -> str | None:
    """The patient's own clock, by which a visit by video is told to them besides the clinic's."""
    zone, service = fields.text("time_zone"), setting.services.get(wish.service)
    if zone is not None and not is_zone(zone):
        fields.fault("time_zone", _(NO_ZONE))
    elif zone is not None and service is not None and not service.is_telehealth:
        fields.fault("time_zone", _("This is asked for visits by video only: leave it out."))
    return zone


def read_patient(
    fields: Fields, *, setting: Setting, actor: Actor, now: datetime
) -> PatientDetails | None:
    """Whom a visit is for; None when something is wrong, which is noted."""
    raw: Any = fields.raw.get("patient")
    if raw is None:
        fields.fault("patient", _("This is needed."))
        return None
    day = today(setting, now=now)
    try:
        found = patient_details(raw, contact_required=not actor.is_staff, today=day)
    except Invalid as wrong:
        fields.faults.add_new(wrong.errors)
        return None
    return replace(found, guardian=_guardian(fields, found, day))


def _guardian(fields: Fields, patient: PatientDetails, day: date) -> GuardianDetails | None:
    """Who acts for a child; may be left out, and the desk asks before anything is opened."""
    inside = fields.members("guardian", allowed=GUARDIAN)
    if inside is None:
        return None
    if not is_minor(birth_date=patient.birth_date, today=day):
        fields.fault("guardian", _("From 18 on nobody acts for a patient: leave this out."))
        return None
    name, born = inside.text("name", needed=True), inside.text("birth_date", needed=True)
    relation = inside.one_of("relation", RELATIONS, needed=True)
    try:
        birth_date = birth_date_of(born, today=day) if born else None
    except Unusable as complaint:
        inside.fault("birth_date", str(complaint))
        return None
    if name is None or birth_date is None or relation is None:
        return None
    try:
        return guardian_details(
            name=name,
            birth_date=birth_date,
            relation=relation,
            email=patient.email,
            phone=patient.phone,
            today=day,
        )
    except Invalid as wrong:
        for path, sentences in wrong.errors.items():
            inside.fault(path, _(sentences[0]))
        return None


def today(setting: Setting, *, now: datetime) -> date:
    """The clinic's date."""
    return now.astimezone(ZoneInfo(setting.zone)).date()


def read_change(body: JsonText, *, version: int | None) -> Change:
    """What is to be different about a visit."""
    fields = fields_of(body, allowed=MOVE)
    change = Change(
        version=version,
        starts_at=fields.instant("starts_at"),
        practitioner=fields.text("practitioner"),
        rooms=fields.codes("resources"),
        override_reason=fields.reason("override"),
    )
    fields.faults.refuse()
    return change


def read_step_reason(body: JsonText, *, action: Action) -> str | None:
    """Why a visit is cancelled; the other steps take no words."""
    if action is not Action.CANCEL:
        fields_of(body, allowed=()).faults.refuse()
        return None
    fields = fields_of(body, allowed=("reason",))
    reason = fields.text("reason", needed=True, most=LONGEST_REASON)
    fields.faults.refuse()
    return reason


def read_version(*, needed: bool) -> int | None:
    """The version in If-Match, as ``3`` or ``"3"``; Invalid for other words.

    Raises PreconditionRequired when it is missing and needed.
    """
    given = request.headers.get("If-Match")
    if given is None:
        if needed:
            raise PreconditionRequired
        return None
    word = given.strip()
    if len(word) > 1 and word[0] == word[-1] == '"':
        word = word[1:-1]
    if not (word.isascii() and word.isdigit()) or int(word[:20]) > LARGEST_VERSION:
        raise Invalid({"If-Match": [_("Send the version that you looked at, like 3.")]})
    return int(word)
