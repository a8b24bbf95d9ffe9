"""Visit requests as the desk sees them: the queue, and one request with what can be done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.scheduling.presenters.request_words import (
    area_words,
    guardian_words,
    part_words,
    time_words,
)
from clinic.scheduling.presenters.times import moment_words, slot_words
from clinic.scheduling.presenters.visits import Lines
from clinic.scheduling.queries.request_times import FreeTimes
from clinic.scheduling.queries.requests import (
    RequestCounts,
    RequestedVisit,
    RequestPage,
    RequestStep,
)
from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.request_queue import CLOSED, Show
from clinic.scheduling.rules.requests import OPEN, Modality, RequestStatus
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.states import STATES
from clinic.web.filters import full_date, local_stamp, phone

QUEUE = "/desk/requests"
FIRST_WORDS = 90


@dataclass(frozen=True, slots=True)
class TabView:
    """A part of the queue."""

    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class DueView:
    """By when it is to be answered, or how it ended; `kind` as in the mark component."""

    icon: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One request in the queue."""

    id: str
    href: str
    name: str
    about: str
    when: str
    status: str
    sent: str
    stamp: str
    due: DueView | None


@dataclass(frozen=True, slots=True)
class DoneView:
    """What was just done; ``undo_path`` takes it back where that can be done."""

    text: str
    href: str
    undo_path: str
    version: int


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue as it is looked at."""

    tabs: tuple[TabView, ...]
    rows: tuple[RowView, ...]
    more: str
    empty_title: str
    empty_reason: str
    done: DoneView | None


@dataclass(frozen=True, slots=True)
class TimeView:
    """A free time as a button."""

    value: str
    label: str
    with_whom: str
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class StoryView:
    """A step of the request's story."""

    at: str
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeskRequestView:
    """One request at the desk. ``dial`` is empty without a phone number."""

    path: str
    name: str
    status: str
    version: int
    reason: tuple[str, ...]
    pairs: tuple[tuple[str, Lines], ...]
    phone: str
    dial: str
    due: DueView | None
    has_no_guardian: bool
    is_open: bool
    is_declined: bool
    is_visit_cancelled: bool
    answer_label: str
    story: tuple[StoryView, ...]
    names_days: bool
    fitting: tuple[TimeView, ...]
    others_title: str
    others: tuple[TimeView, ...]
    visit_words: str


def present_queue(
    *,
    page: RequestPage,
    counts: RequestCounts,
    show: Show,
    more: str,
    setting: Setting,
    now: datetime,
    done: RequestedVisit | None,
) -> QueueView:
    """The queue with its tabs; ``done`` is the request that a step was just taken with."""
    return QueueView(
        tabs=_tabs(counts, show),
        rows=tuple(_row(one, setting.zone, now) for one in page.requests),
        more=more,
        empty_title=_empty_title(show),
        empty_reason=_empty_reason(show, counts),
        done=_done(done) if done else None,
    )


def _tabs(counts: RequestCounts, show: Show) -> tuple[TabView, ...]:
    numbers = {
        Show.OPEN: counts.by_status.get(RequestStatus.REQUESTED, 0),
        Show.ANSWERED: counts.by_status.get(RequestStatus.ANSWERED, 0),
        Show.CLOSED: sum(counts.by_status.get(one, 0) for one in CLOSED),
    }
    words = {
        Show.OPEN: _("To answer"),
        Show.ANSWERED: _("Waiting for the patient"),
        Show.CLOSED: _("Closed"),
    }
    found = []
    for one, number in numbers.items():
        text = f"{words[one]}, {number}"
        if one is Show.OPEN and counts.overdue:
            text = str(_("%(text)s, %(overdue)d overdue", text=text, overdue=counts.overdue))
        found.append(TabView(text, queue_address(one), one is show))
    return tuple(found)


def queue_address(show: Show) -> str:
    """The address of a part of the queue."""
    return QUEUE if show is Show.OPEN else f"{QUEUE}?show={show}"


def _row(one: RequestedVisit, zone: str, now: datetime) -> RowView:
    words = " ".join(one.reason.split())
    about = words if len(words) <= FIRST_WORDS else f"{words[:FIRST_WORDS].rstrip()} …"
    return RowView(
        id=f"r-{one.public_id}",
        href=f"{QUEUE}/{one.public_id}",
        name=f"{one.given_name} {one.family_name}",
        about=about,
        when=", ".join(_times(one)[:1]),
        status=one.stands,
        sent=moment_words(one.created_at, zone=zone),
        stamp=local_stamp(one.created_at, zone=zone),
        due=_due(one, zone, now),
    )


def _due(one: RequestedVisit, zone: str, now: datetime) -> DueView | None:
    if one.status is not RequestStatus.REQUESTED:
        return None
    if not one.is_overdue(now):
        return DueView(
            "hourglass", str(_("by %(due)s", due=moment_words(one.due_at, zone=zone))), ""
        )
    hours = (now - one.due_at) // timedelta(hours=1)
    if hours < 1:
        return DueView("warning", str(_("overdue")), "d")
    late = ngettext("%(num)d hour", "%(num)d hours", hours)
    if hours >= 48:
        late = ngettext("%(num)d day", "%(num)d days", hours // 24)
    return DueView("warning", str(_("overdue by %(late)s", late=late)), "d")


def _empty_title(show: Show) -> str:
    titles = {
        Show.OPEN: _("Nobody waits for an answer"),
        Show.ANSWERED: _("Nobody has an answer to think over"),
        Show.CLOSED: _("No request has been closed yet"),
    }
    return str(titles[show])


def _empty_reason(show: Show, counts: RequestCounts) -> str:
    if show is Show.OPEN and counts.by_status:
        return str(_("Every request has been answered."))
    return str(_("Patients ask for a visit on the public site, at /request/visit."))


def _done(one: RequestedVisit) -> DoneView:
    words = {
        RequestStatus.REQUESTED: _("taken up again"),
        RequestStatus.ANSWERED: _("answered"),
        RequestStatus.SCHEDULED: _("booked"),
        RequestStatus.DECLINED: _("declined"),
        RequestStatus.WITHDRAWN: _("withdrawn"),
    }
    path = f"{QUEUE}/{one.public_id}"
    return DoneView(
        text=f"{one.given_name} {one.family_name}: {words[one.status]}.",
        href=path,
        undo_path=f"{path}/reopen" if one.status is RequestStatus.DECLINED else "",
        version=one.version,
    )


def present_desk_request(
    *,
    found: RequestedVisit,
    steps: tuple[RequestStep, ...],
    times: FreeTimes | None,
    visit_starts_at: datetime | None,
    may_decide_alone: bool,
    setting: Setting,
    now: datetime,
) -> DeskRequestView:
    """One request with its story; ``times`` are offered while it is open.

    ``may_decide_alone`` says that nobody has to act for the patient.
    """
    zone = setting.zone
    return DeskRequestView(
        path=f"{QUEUE}/{found.public_id}",
        name=f"{found.given_name} {found.family_name}",
        status=found.stands,
        version=found.version,
        reason=tuple(line for line in found.reason.splitlines() if line),
        pairs=_pairs(found, zone),
        phone=phone(found.phone) if found.phone else "",
        dial=found.phone or "",
        due=_due(found, zone, now),
        has_no_guardian=found.guardian_name is None and not may_decide_alone,
        is_open=found.status in OPEN,
        is_declined=found.status is RequestStatus.DECLINED,
        is_visit_cancelled=found.is_visit_cancelled,
        answer_label=str(_("Answer again") if found.answer else _("Send the answer")),
        story=tuple(_step(one, zone) for one in steps),
        names_days=bool(found.times),
        fitting=tuple(_time(one, setting) for one in times.fitting) if times else (),
        others_title=str(_("Other free times") if found.times else _("Free times that suit")),
        others=tuple(_time(one, setting) for one in times.others) if times else (),
        visit_words=moment_words(visit_starts_at, zone=zone) if visit_starts_at else "",
    )


def _pairs(found: RequestedVisit, zone: str) -> tuple[tuple[str, Lines], ...]:
    pairs: list[tuple[str, Lines]] = [
        (_("Where"), area_words(found.area)),
        (_("Suits"), _times(found)),
        (_("With"), found.practitioner_name or _("whoever is free first")),
        (_("Born"), full_date(found.birth_date)),
        (_("Guardian"), _guardian(found)),
        (_("Was here"), _returning(found)),
        (_("E-mail"), found.email or ""),
        (_("Kind"), _kind(found)),
        (_("Sent"), moment_words(found.created_at, zone=zone)),
        (_("Reference"), found.public_id[:8]),
    ]
    return tuple((name, value) for name, value in pairs if value)


def _guardian(found: RequestedVisit) -> str:
    if found.guardian_name is None or found.guardian_relation is None:
        return ""
    return guardian_words(found.guardian_name, found.guardian_relation)


def _returning(found: RequestedVisit) -> str:
    if found.is_returning is None:
        return ""
    return str(_("says yes") if found.is_returning else _("says no"))


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


def _time(slot: Slot, setting: Setting) -> TimeView:
    place = setting.locations[slot.location]
    who = setting.practitioners[slot.practitioner].name
    return TimeView(
        value=f"{slot.start}|{slot.practitioner}|{slot.location}",
        label=slot_words(slot, place.zone),
        with_whom=f"{who}, {place.name}" if len(setting.locations) > 1 else who,
    )


def _step(one: RequestStep, zone: str) -> StoryView:
    words = {
        "requested": _("Asked for"),
        "answered": _("Answered"),
        "scheduled": _("Scheduled"),
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
        "reopened": _("Taken up again"),
        "replied": _("Written by the patient"),
        "offered": _("Times offered"),
        "lapsed": _("The offered times are over"),
        "turned": _("Turned into the other kind"),
        "merged": _("Merged"),
        "consulted": _("Opinion asked"),
        "advised": _("Opinion given"),
        "triaged": _("Urgency set"),
    }
    text = str(words[one.step])
    if one.by:
        text = str(_("%(what)s by %(who)s", what=text, who=one.by))
    lines = tuple(line for line in (one.words or "").splitlines() if line)
    return StoryView(moment_words(one.at, zone=zone), text, lines)
