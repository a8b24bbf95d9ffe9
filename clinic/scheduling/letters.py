"""What messages about visits and requests say, asked by the worker just before it sends one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from flask import current_app

from clinic.messaging.queries import Parcel, Told, list_told
from clinic.messaging.rounds import Prepare
from clinic.messaging.rules import Attachment, Letter, State
from clinic.people.queries import find_former_guardians, is_former_guardians
from clinic.scheduling.presenters.calendar_files import present_calendar_file
from clinic.scheduling.presenters.letters import present_changes, present_visit_letter
from clinic.scheduling.presenters.times import moment_words
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.queries.visits import Visit, list_named_visits
from clinic.scheduling.queries.waitlist import get_entry
from clinic.scheduling.rules.requests import OPEN, RequestStatus
from clinic.scheduling.rules.telling import CANCELLED, KINDS, Earlier, is_news
from clinic.scheduling.rules.waitlist import OPEN as OPEN_ENTRY
from config import Config

MOST_FILES = 12
REQUEST_KINDS = {
    "request-received": None,
    "request-answered": RequestStatus.ANSWERED,
    "request-offered": RequestStatus.OFFERED,
    "request-lapsed": RequestStatus.REQUESTED,
    "request-turned": None,
    "request-scheduled": RequestStatus.SCHEDULED,
    "request-declined": RequestStatus.DECLINED,
}
"""Kind -> the status that it tells of; that a request came stays true."""
JOINED = "waitlist-joined"
WAITLIST_KINDS = (JOINED, "waitlist-offer")


def gather_visits(*, parcels: Sequence[Parcel], now: datetime) -> Prepare:
    """Messages about visits, read together: how the visits of each stand now, where there is
    anything left to tell.

    Told are visits to come: the cancelled ones of a cancellation, the booked ones of every other
    message. Each comes with a file for the patient's calendar, as long as they are not too many.
    """
    stand, former = _read_together(parcels, now)
    told, clinic = list_told(parcels=parcels, kinds=KINDS), get_setting().name

    def prepare(*, parcel: Parcel, now: datetime) -> Letter | None:
        status = "cancelled" if parcel.kind == CANCELLED else "booked"
        named = (stand[name] for name in parcel.context["visits"].split() if name in stand)
        visits = [visit for visit in named if visit.status == status and visit.starts_at > now]
        visits.sort(key=lambda visit: (visit.starts_at, visit.appointment_id))
        if not visits or not _is_news(parcel, told[parcel.id]):
            return None
        if (visits[0].patient, parcel.recipient.email) in former:
            return None
        files = [_file(visit, clinic, now) for visit in visits] if len(visits) <= MOST_FILES else []
        return Letter(
            words={"visits": tuple(present_visit_letter(visit) for visit in visits)},
            attachments=tuple(files),
        )

    return prepare


def _read_together(
    parcels: Sequence[Parcel], now: datetime
) -> tuple[Mapping[str, Visit], Collection[tuple[str, str]]]:
    """The visits that messages name, and which pairs of patient and address are not told of them:
    a visit's link opens it, so from the eighteenth birthday on it goes to the patient alone."""
    names = {name for one in parcels for name in one.context["visits"].split()}
    visits = {visit.public_id: visit for visit in list_named_visits(sorted(names))}
    pairs = {
        (visit.patient, one.recipient.email)
        for one in parcels
        for name in one.context["visits"].split()
        if (visit := visits.get(name)) is not None
    }
    return visits, find_former_guardians(asked=pairs, today=clinic_date(now))


def show_visits(parcel: Parcel) -> Letter | None:
    """The visits of a message as they stand, for whoever looks at the message."""
    visits = list_named_visits(parcel.context["visits"].split())
    if not visits:
        return None
    return Letter(words={"visits": tuple(present_visit_letter(visit) for visit in visits)})


def show_digest(parcel: Parcel) -> Letter | None:
    """A digest's lines."""
    return Letter(words={"changes": present_changes(parcel.context)})


def gather_reminders(*, parcels: Sequence[Parcel], now: datetime) -> Prepare:
    """Several reminders, read together: a visit that still stands as it did when its reminder was
    planned is told, any other is not."""
    visits, former = _read_together(parcels, now)

    def prepare(*, parcel: Parcel, now: datetime) -> Letter | None:
        planned_for = datetime.fromisoformat(parcel.context["starts_at"])
        told = [visits[name] for name in parcel.context["visits"].split() if name in visits]
        if not told or planned_for <= now:
            return None
        if any(one.status != "booked" or one.starts_at != planned_for for one in told):
            return None
        if (told[0].patient, parcel.recipient.email) in former:
            return None
        return Letter(words={"visits": tuple(present_visit_letter(visit) for visit in told)})

    return prepare


def prepare_digest(*, parcel: Parcel, now: datetime) -> Letter | None:
    """How many visits of a practitioner came, moved and went, in words."""
    del now
    return Letter(words={"changes": present_changes(parcel.context)})


def prepare_request(*, parcel: Parcel, now: datetime) -> Letter | None:
    """A message about a visit request; None when it stands elsewhere than the message says.

    Its link opens the request, so from the eighteenth birthday on no guardian is told.
    """
    found = get_request(parcel.about.partition(":")[2])
    today = clinic_date(now)
    if is_former_guardians(email=parcel.recipient.email, patient=found.patient, today=today):
        return None
    told = REQUEST_KINDS[parcel.kind]
    if told is not None and found.status is not told:
        return None
    return _scheduled(found, now) if told is RequestStatus.SCHEDULED else Letter(words={})


def prepare_waitlist(*, parcel: Parcel, now: datetime) -> Letter | None:
    """A message about a waitlist entry; None when it is no longer on the list, or what was offered
    with this message is no longer held. Its link opens the entry: a guardian's ends at 18."""
    found = get_entry(parcel.about.partition(":")[2])
    today = clinic_date(now)
    if is_former_guardians(email=parcel.recipient.email, patient=found.patient, today=today):
        return None
    if found.status not in OPEN_ENTRY:
        return None
    if parcel.kind == JOINED:
        return Letter(words={})
    # Of two offers, one after the other, only the one that is open was told by this message; what
    # is told again is told of the one that is open now.
    offer = found.offer
    if offer is None or not offer.is_open(now):
        return None
    is_told = parcel.is_repeat or offer.offered_at == parcel.created_at
    until = moment_words(offer.expires_at, zone=offer.zone)
    return Letter(words={"until": until}) if is_told else None


def prepare_opinion(*, parcel: Parcel, now: datetime) -> Letter | None:
    """To clinicians that an opinion is asked; None once somebody gave it or the request closed."""
    del now
    found = get_request(parcel.about.partition(":")[2])
    is_asked = found.opinion is not None and found.opinion.is_open and found.status in OPEN
    return Letter(words={}) if is_asked else None


def show_request(parcel: Parcel) -> Letter | None:
    """A message about a request as it would read now, for whoever looks at it."""
    found = get_request(parcel.about.partition(":")[2])
    visits = list_named_visits([found.visit] if found.visit else [])
    return Letter(words={"visits": tuple(present_visit_letter(visit) for visit in visits)})


def _scheduled(found: RequestedVisit, now: datetime) -> Letter | None:
    """The visit that was made of a request, with a file for the patient's calendar."""
    visits = list_named_visits([found.visit] if found.visit else [])
    if not visits or visits[0].status != "booked":
        return None
    return Letter(
        words={"visits": tuple(present_visit_letter(visit) for visit in visits)},
        attachments=tuple(_file(visit, get_setting().name, now) for visit in visits),
    )


def _is_news(parcel: Parcel, earlier: Sequence[Told]) -> bool:
    """Messages about a series name different visits of it, so each of them is news; and so is what
    somebody asked to be told again."""
    if parcel.is_repeat or parcel.about.startswith("series:"):
        return True
    others = tuple(
        Earlier(told.kind, told.sent_at, told.state is State.DROPPED) for told in earlier
    )
    return is_news(kind=parcel.kind, posted_at=parcel.created_at, others=others)


def _file(visit: Visit, clinic: str, now: datetime) -> Attachment:
    config: Config = current_app.config["CLINIC"]
    body = present_calendar_file(visit=visit, clinic=clinic, base_url=config.base_url, now=now)
    return Attachment(
        name="visit.ics" if visit.series_number is None else f"visit-{visit.series_number}.ics",
        subtype="calendar",
        text=body.decode(),
        parameters=(("method", "CANCEL" if visit.status == "cancelled" else "PUBLISH"),),
    )
