"""What a visit request says besides its words, as pairs for whoever answers it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from clinic.scheduling.presenters.request_words import (
    area_words,
    guardian_words,
    part_words,
    time_words,
)
from clinic.scheduling.presenters.times import moment_words
from clinic.scheduling.presenters.visits import Lines
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.rules.requests import Modality, Tried
from clinic.scheduling.rules.states import STATES
from clinic.web.filters import full_date, phone


def request_facts(
    *, found: RequestedVisit, has_consent: bool, zone: str
) -> tuple[tuple[str, Lines], ...]:
    """Everything that was said, in the order in which it is needed; what was not said is absent."""
    is_video = found.modality is Modality.TELEHEALTH
    pairs: list[tuple[str, Lines]] = [
        (_("Kind"), _kind(found)),
        (_("Suits"), _times(found)),
        (_("Their clock"), _clock(found, zone)),
        (_("With"), found.practitioner_name or _("whoever is free first")),
        (_("Where it hurts"), area_words(found.area)),
        (_("Language"), _language(found)),
        (_("Born"), full_date(found.birth_date)),
        (_("Guardian"), _guardian(found)),
        (_("Was here"), _returning(found)),
        (_("E-mail"), found.email or ""),
        (_("In an emergency"), _emergency(found)),
        (_("Device"), _device(found) if is_video else ""),
        (_("Consent to video"), _consent(has_consent) if is_video else ""),
        (_("Sent"), moment_words(found.created_at, zone=zone)),
        (_("Reference"), found.reference),
    ]
    return tuple((name, value) for name, value in pairs if value)


def _kind(found: RequestedVisit) -> str:
    if found.modality is Modality.IN_PERSON:
        return str(_("in the clinic"))
    return str(_("by video, in %(state)s", state=STATES.get(found.state or "", "")))


def _times(found: RequestedVisit) -> tuple[str, ...]:
    named = tuple(time_words(time, zone=found.zone) for time in found.times)
    usual = part_words(found.part)
    if not named:
        return (usual,)
    return (*named, str(_("otherwise %(usual)s", usual=usual))) if found.part else named


def _clock(found: RequestedVisit, zone: str) -> str:
    """The patient's zone, where its hour is another one at the first time named (or when asked)."""
    at: datetime = found.times[0].starts_at if found.times else found.created_at
    here, there = (at.astimezone(ZoneInfo(name)) for name in (zone, found.zone))
    if here.utcoffset() == there.utcoffset():
        return ""
    return f"{found.zone.replace('_', ' ')} ({there.tzname()})"


def _language(found: RequestedVisit) -> str:
    words = [found.language or ""]
    if found.needs_interpreter:
        words.append(str(_("wants an interpreter")))
    return ", ".join(filter(None, words))


def _guardian(found: RequestedVisit) -> str:
    if found.guardian_name is None or found.guardian_relation is None:
        return ""
    return guardian_words(found.guardian_name, found.guardian_relation)


def _returning(found: RequestedVisit) -> str:
    if found.is_returning is None:
        return ""
    return str(_("says yes") if found.is_returning else _("says no"))


def _emergency(found: RequestedVisit) -> tuple[str, ...]:
    lines = (found.emergency_address or "").splitlines()
    if found.emergency_phone:
        lines.append(phone(found.emergency_phone))
    return tuple(lines)


def _device(found: RequestedVisit) -> str:
    tried = {
        _("camera"): found.device.camera,
        _("microphone"): found.device.microphone,
        _("connection"): found.device.connection,
    }
    failing = [str(name) for name, how in tried.items() if how is Tried.FAILS]
    if failing:
        return str(_("fails: %(what)s", what=", ".join(failing)))
    if all(how is Tried.WORKS for how in tried.values()):
        return str(_("camera, microphone and connection work"))
    return str(_("not tried"))


def _consent(has_consent: bool) -> str:
    return str(_("signed") if has_consent else _("not signed yet"))
