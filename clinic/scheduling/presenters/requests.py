"""A visit request as its patient sees it: before it is sent, and on its own page."""

from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.people.rules.guardians import GuardianDetails
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.request_wishes import RequestWish
from clinic.scheduling.presenters.request_words import (
    area_words,
    guardian_words,
    part_words,
    time_words,
)
from clinic.scheduling.presenters.times import moment_words, zone_words
from clinic.scheduling.presenters.visits import Lines, VisitView
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.rules.requests import OPEN, RequestStatus
from clinic.scheduling.rules.setting import Setting
from clinic.web.filters import full_date, phone

Pairs = tuple[tuple[str, Lines], ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """What is about to be sent, to be read over."""

    pairs: Pairs


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request on its own page. ``words`` are the clinic's: an answer, or why it is declined."""

    title: str
    lead: str
    status: str
    words_title: str
    words: tuple[str, ...]
    pairs: Pairs
    note: str
    can_withdraw: bool
    is_declined: bool
    is_visit_cancelled: bool
    visit: VisitView | None
    visit_path: str


def present_check(*, wish: RequestWish, patient: PatientDetails, setting: Setting) -> CheckView:
    """The request as the form was filled in."""
    who = setting.practitioners.get(wish.practitioner or "")
    return CheckView(
        (
            (_("It is about"), tuple(wish.reason.splitlines())),
            *_optional(_("Where"), area_words(wish.area)),
            (_("It suits you"), _times(wish, setting.zone)),
            (_("With"), who.name if who else _("Whoever is free first")),
            (_("Patient"), f"{patient.given_name} {patient.family_name}"),
            (_("Date of birth"), full_date(patient.birth_date)),
            *_guardian(patient.guardian),
            *_optional(_("E-mail"), patient.email or ""),
            *_optional(_("Phone"), phone(patient.phone) if patient.phone else ""),
        )
    )


def present_request(
    *, found: RequestedVisit, visit: VisitView | None, visit_path: str
) -> RequestView:
    """The request as it stands."""
    title, lead = _heading(found)
    words_title, words = _words(found)
    return RequestView(
        title=title,
        lead=lead,
        status=found.stands,
        words_title=words_title,
        words=words,
        pairs=_pairs(found),
        note=str(_("All times are clinic time: %(zone)s.", zone=zone_words(found.zone))),
        can_withdraw=found.status in OPEN,
        is_declined=found.status is RequestStatus.DECLINED,
        is_visit_cancelled=found.is_visit_cancelled,
        visit=visit,
        visit_path=visit_path,
    )


def _heading(found: RequestedVisit) -> tuple[str, str]:
    if found.is_visit_cancelled:
        return (
            str(_("This visit was cancelled.")),
            str(_("Nothing is booked for this request any more. Choose another time, or ask us.")),
        )
    titles = {
        RequestStatus.REQUESTED: _("We have your request."),
        RequestStatus.ANSWERED: _("We have answered you."),
        RequestStatus.SCHEDULED: _("Your visit is booked."),
        RequestStatus.DECLINED: _("We cannot offer you this visit."),
        RequestStatus.WITHDRAWN: _("You took your request back."),
    }
    leads = {
        RequestStatus.REQUESTED: _requested_lead(found),
        RequestStatus.ANSWERED: _("Read the answer below, then call us to go on."),
        RequestStatus.SCHEDULED: _(
            "We look forward to meeting you, %(name)s.", name=found.given_name
        ),
        RequestStatus.DECLINED: _("We are sorry. This is what we can tell you."),
        RequestStatus.WITHDRAWN: _("Nothing more happens. You can always ask again."),
    }
    return str(titles[found.status]), str(leads[found.status])


def _requested_lead(found: RequestedVisit) -> str:
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
        (_("It suits you"), _times(found, found.zone)),
        (_("With"), found.practitioner_name or _("Whoever is free first")),
        (_("Patient"), f"{found.given_name} {found.family_name}"),
        (_("Sent"), moment_words(found.created_at, zone=found.zone)),
        (_("Reference"), found.public_id[:8]),
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
