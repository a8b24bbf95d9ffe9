"""A visit request as its patient sees it: before it is sent, and on its own page."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from clinic.people.rules.guardians import GuardianDetails
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.presenters.request_words import (
    area_words,
    guardian_words,
    language_words,
    modality_words,
    part_words,
    time_words,
)
from clinic.scheduling.presenters.times import moment_words, own_clock_words, zone_words
from clinic.scheduling.presenters.visits import Lines, VisitView
from clinic.scheduling.queries.request_parts import OfferedTime
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.rules.requests import OPEN, Modality, RequestStatus
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.states import STATES
from clinic.web.filters import full_date, phone

Pairs = tuple[tuple[str, Lines], ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """What is about to be sent, to be read over."""

    pairs: Pairs


@dataclass(frozen=True, slots=True)
class OfferView:
    """A time that can be chosen: by the patient's clock, by the clinic's where it shows another."""

    value: str
    label: str
    with_whom: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request on its own page. ``words`` are the clinic's: an answer, or why it is declined;
    ``own_words`` are what the patient wrote back last."""

    title: str
    lead: str
    status: str
    words_title: str
    words: tuple[str, ...]
    pairs: Pairs
    note: str
    own_words: tuple[str, ...]
    offers: tuple[OfferView, ...]
    offers_until: str
    can_withdraw: bool
    is_declined: bool
    is_visit_cancelled: bool
    again: str
    visit: VisitView | None
    visit_path: str


def present_check(*, wish: RequestWish, patient: PatientDetails, setting: Setting) -> CheckView:
    """The request as the form was filled in."""
    who = setting.practitioners.get(wish.practitioner or "")
    return CheckView(
        (
            (_("It is about"), tuple(wish.reason.splitlines())),
            *_optional(_("Where"), area_words(wish.area)),
            *_video(wish),
            (_("It suits you"), _times(wish, _zone(wish, setting))),
            (_("With"), who.name if who else _("Whoever is free first")),
            (_("Patient"), f"{patient.given_name} {patient.family_name}"),
            (_("Date of birth"), full_date(patient.birth_date)),
            *_guardian(patient.guardian),
            *_optional(_("E-mail"), patient.email or ""),
            *_optional(_("Phone"), phone(patient.phone) if patient.phone else ""),
            *_optional(_("Text messages"), _("Reminders, please") if patient.wants_texts else ""),
        )
    )


def present_request(
    *, found: RequestedVisit, visit: VisitView | None, visit_path: str, zone: str, now: datetime
) -> RequestView:
    """The request as it stands; ``zone`` is the clinic's."""
    live = [one for one in found.offers if one.is_live(now) and found.status in OPEN]
    title, lead = _heading(found, now)
    words_title, words = _words(found)
    return RequestView(
        title=title,
        lead=lead,
        status=found.stands,
        words_title=words_title,
        words=words,
        pairs=_pairs(found),
        note=_note(found, zone),
        own_words=tuple((found.reply or "").splitlines()),
        offers=tuple(_offer(one, found.zone) for one in live),
        offers_until=moment_words(min(one.expires_at for one in live), zone=found.zone)
        if live
        else "",
        can_withdraw=found.status in OPEN,
        is_declined=found.status is RequestStatus.DECLINED,
        is_visit_cancelled=found.is_visit_cancelled,
        again="/request/telehealth" if found.modality is Modality.TELEHEALTH else "/request/visit",
        visit=visit,
        visit_path=visit_path,
    )


def _note(found: RequestedVisit, zone: str) -> str:
    if found.zone == zone:
        return str(_("All times are clinic time: %(zone)s.", zone=zone_words(zone)))
    return str(_("All times are by your own clock: %(zone)s.", zone=zone_words(found.zone)))


def _offer(one: OfferedTime, zone: str) -> OfferView:
    with_whom = str(
        _("%(service)s with %(name)s", service=one.service_name, name=one.practitioner_name)
    )
    there = own_clock_words(one.starts_at, zone=one.zone, own=zone)
    if there:
        clinic = moment_words(one.starts_at, zone=one.zone)
        with_whom = str(_("%(with_whom)s. Clinic time: %(when)s", with_whom=with_whom, when=clinic))
    return OfferView(one.public_id, moment_words(one.starts_at, zone=zone), with_whom)


def _zone(wish: RequestWish, setting: Setting) -> str:
    return wish.zone or setting.zone


def _video(asked: RequestWish | RequestedVisit) -> Pairs:
    """What only a video visit is asked with."""
    if asked.modality is not Modality.TELEHEALTH and not asked.is_unsure:
        return ()
    states = STATES.get(asked.state or "", "")
    return (
        (_("How"), modality_words(asked.modality, is_unsure=asked.is_unsure)),
        *_optional(_("You will be in"), states),
        *_optional(_("At"), ", ".join((asked.emergency_address or "").splitlines())),
        *_optional(_("Reached at"), phone(asked.emergency_phone) if asked.emergency_phone else ""),
        *_optional(_("Your clock"), zone_words(asked.zone) if asked.zone else ""),
        *_optional(
            _("Language"), language_words(asked.language, interpreter=asked.needs_interpreter)
        ),
    )


def _heading(found: RequestedVisit, now: datetime) -> tuple[str, str]:
    if found.is_visit_cancelled:
        return (
            str(_("This visit was cancelled.")),
            str(_("Nothing is booked for this request any more. Choose another time, or ask us.")),
        )
    titles = {
        RequestStatus.REQUESTED: _("We have your request."),
        RequestStatus.ANSWERED: _("We have answered you."),
        RequestStatus.OFFERED: _("Choose a time."),
        RequestStatus.SCHEDULED: _("Your visit is booked."),
        RequestStatus.DECLINED: _("We cannot offer you this visit."),
        RequestStatus.WITHDRAWN: _("You took your request back."),
    }
    leads = {
        RequestStatus.REQUESTED: _requested_lead(found, now),
        RequestStatus.ANSWERED: _("Read the answer below, then write back or call us to go on."),
        RequestStatus.OFFERED: _("We keep these times for you. Choose one, and it is booked."),
        RequestStatus.SCHEDULED: _(
            "We look forward to meeting you, %(name)s.", name=found.given_name
        ),
        RequestStatus.DECLINED: _("We are sorry. This is what we can tell you."),
        RequestStatus.WITHDRAWN: _("Nothing more happens. You can always ask again."),
    }
    return str(titles[found.status]), str(leads[found.status])


def _requested_lead(found: RequestedVisit, now: datetime) -> str:
    if found.is_overdue(now):
        return str(
            _(
                "We are late with our answer, and we are sorry. Your request is not lost: a person "
                "still reads it. If you do not want to wait, call us."
            )
        )
    due = moment_words(found.due_at, zone=found.zone)
    if found.email:
        return str(
            _(
                "A person reads it and answers by %(due)s. "
                "The answer appears on this page, and we send you an e-mail when it is there.",
                due=due,
            )
        )
    return str(_("A person reads it and calls you, or answers on this page, by %(due)s.", due=due))


def _words(found: RequestedVisit) -> tuple[str, tuple[str, ...]]:
    if found.status is RequestStatus.DECLINED:
        return str(_("Why")), tuple((found.decline_reason or "").splitlines())
    if found.answer and found.status in OPEN:
        return str(_("Our answer")), tuple(found.answer.splitlines())
    return "", ()


def _pairs(found: RequestedVisit) -> Pairs:
    return (
        (_("It is about"), tuple(found.reason.splitlines())),
        *_optional(_("Where"), area_words(found.area)),
        *_video(found),
        (_("It suits you"), _times(found, found.zone)),
        (_("With"), found.practitioner_name or _("Whoever is free first")),
        (_("Patient"), f"{found.given_name} {found.family_name}"),
        (_("Sent"), moment_words(found.created_at, zone=found.zone)),
        (_("Reference"), found.reference),
    )


def _times(asked: RequestWish | RequestedVisit, zone: str) -> tuple[str, ...]:
    named = tuple(time_words(time, zone=zone) for time in asked.times)
    usual = part_words(asked.part)
    if not named:
        return (usual,)
    return (*named, str(_("otherwise %(usual)s", usual=usual))) if asked.part else named


def _guardian(guardian: GuardianDetails | None) -> Pairs:
    if guardian is None:
        return ()
    return ((_("Parent or guardian"), guardian_words(guardian.name, guardian.relation)),)


def _optional(name: str, value: str) -> Pairs:
    return ((name, value),) if value else ()
