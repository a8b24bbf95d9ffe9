"""Visit requests as the desk sees them: the queue, both kinds in one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.scheduling.presenters.request_words import part_words, time_words
from clinic.scheduling.presenters.times import moment_words
from clinic.scheduling.queries.request_list import QueueCounts, QueuedRequest, QueuePage
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.rules.request_queue import Show
from clinic.scheduling.rules.requests import Modality, RequestStatus, Urgency
from clinic.scheduling.rules.setting import Setting
from clinic.web.filters import local_stamp

QUEUE = "/desk/requests"
FIRST_WORDS = 90


@dataclass(frozen=True, slots=True)
class TabView:
    """A part of the queue."""

    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class MarkView:
    """A small state; `kind` as in the mark component."""

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
    kind: str
    when: str
    status: str
    sent: str
    stamp: str
    due: MarkView | None
    marks: tuple[MarkView, ...]
    is_overdue: bool


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


def present_queue(
    *,
    page: QueuePage,
    counts: QueueCounts,
    show: Show,
    more: str,
    setting: Setting,
    now: datetime,
    done: QueuedRequest | None,
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


def queue_address(show: Show) -> str:
    """The address of a part of the queue."""
    return QUEUE if show is Show.OPEN else f"{QUEUE}?show={show}"


def due_mark(one: QueuedRequest | RequestedVisit, zone: str, now: datetime) -> MarkView | None:
    """By when a request is to be answered, or for how long it should have been."""
    if one.status is not RequestStatus.REQUESTED:
        return None
    if not one.is_overdue(now):
        due = moment_words(one.due_at, zone=zone)
        return MarkView("hourglass", str(_("by %(due)s", due=due)), "")
    hours = (now - one.due_at) // timedelta(hours=1)
    if hours < 1:
        return MarkView("warning", str(_("overdue")), "d")
    late = ngettext("%(num)d hour", "%(num)d hours", hours)
    if hours >= 48:
        late = ngettext("%(num)d day", "%(num)d days", hours // 24)
    return MarkView("warning", str(_("overdue by %(late)s", late=late)), "d")


def urgency_words(urgency: Urgency) -> str:
    """How soon somebody has to read it."""
    words = {
        Urgency.URGENT: _("Urgent"),
        Urgency.SOON: _("Soon"),
        Urgency.ROUTINE: _("Routine"),
    }
    return str(words[urgency])


def _tabs(counts: QueueCounts, show: Show) -> tuple[TabView, ...]:
    waiting = str(_("To answer, %(num)d", num=counts.of(Show.OPEN)))
    if counts.overdue:
        waiting = str(_("%(text)s, %(num)d overdue", text=waiting, num=counts.overdue))
    patients = str(_("Waiting for the patient, %(num)d", num=counts.of(Show.ANSWERED)))
    texts = {Show.OPEN: waiting, Show.ANSWERED: patients, Show.CLOSED: str(_("Closed"))}
    return tuple(TabView(text, queue_address(one), one is show) for one, text in texts.items())


def _row(one: QueuedRequest, zone: str, now: datetime) -> RowView:
    words = " ".join(one.reason.split())
    about = words if len(words) <= FIRST_WORDS else f"{words[:FIRST_WORDS].rstrip()} …"
    return RowView(
        id=f"r-{one.public_id}",
        href=f"{QUEUE}/{one.public_id}",
        name=f"{one.given_name} {one.family_name}",
        about=about,
        kind=_kind(one),
        when=time_words(one.time, zone=one.zone) if one.time else part_words(one.part),
        status=one.stands,
        sent=moment_words(one.created_at, zone=zone),
        stamp=local_stamp(one.created_at, zone=zone),
        due=due_mark(one, zone, now),
        marks=_marks(one),
        is_overdue=one.is_overdue(now),
    )


def _kind(one: QueuedRequest) -> str:
    if one.modality is Modality.IN_PERSON:
        return str(_("In clinic or video") if one.is_unsure else _("In clinic"))
    kind = _("Video or in clinic") if one.is_unsure else _("Video")
    return f"{kind}, {one.state}" if one.state else str(kind)


def _marks(one: QueuedRequest) -> tuple[MarkView, ...]:
    marks = []
    if one.urgency is not Urgency.ROUTINE:
        kind = "d" if one.urgency is Urgency.URGENT else "w"
        marks.append(MarkView("flag", urgency_words(one.urgency), kind))
    if one.open_opinions:
        marks.append(MarkView("hourglass", str(_("Clinician asked")), "w"))
    elif one.opinions:
        marks.append(MarkView("check", str(_("Clinician answered")), ""))
    if one.needs_interpreter:
        marks.append(MarkView("person", str(_("Interpreter")), ""))
    return tuple(marks)


def _empty_title(show: Show) -> str:
    titles = {
        Show.OPEN: _("Nobody waits for an answer"),
        Show.ANSWERED: _("Nobody has an answer to think over"),
        Show.CLOSED: _("No request has been closed yet"),
    }
    return str(titles[show])


def _empty_reason(show: Show, counts: QueueCounts) -> str:
    if show is Show.OPEN and counts.by_status:
        return str(_("Every request has been answered."))
    return str(
        _("Patients ask for a visit on the public site, at /request/visit and /request/telehealth.")
    )


def _done(one: QueuedRequest) -> DoneView:
    words = {
        RequestStatus.REQUESTED: _("taken up again"),
        RequestStatus.ANSWERED: _("answered"),
        RequestStatus.OFFERED: _("times are offered and held"),
        RequestStatus.SCHEDULED: _("booked"),
        RequestStatus.DECLINED: _("declined"),
        RequestStatus.WITHDRAWN: _("withdrawn"),
    }
    text = words[one.status]
    if one.opinions and one.status is RequestStatus.REQUESTED:
        text = _("a clinician is asked") if one.open_opinions else _("the opinion is given")
    path = f"{QUEUE}/{one.public_id}"
    return DoneView(
        text=f"{one.given_name} {one.family_name}: {text}.",
        href=path,
        undo_path=f"{path}/reopen" if one.status is RequestStatus.DECLINED else "",
        version=one.version,
    )
