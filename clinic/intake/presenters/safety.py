"""Safety events as staff read them: clinicians with the answers, others without."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.intake.queries.safety.queue import QueuedEvent
from clinic.intake.queries.safety.stories import EventStory, Step
from clinic.intake.rules.alarms import Level, Outcome, StepKind, Worded
from clinic.intake.rules.parties import age_on
from clinic.web.filters import full_date, local_date, local_time

QUEUE = "/desk/safety"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """An event in the queue. ``title`` and ``href`` are empty for those who see no answers."""

    name: str
    born: str
    phone: str
    level: str
    kind: str
    title: str
    href: str
    age: str
    stamp: str
    state: str
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue. ``trouble`` says what is wrong with the alerts by e-mail, "" for nothing."""

    rows: tuple[QueueRow, ...]
    waiting: int
    taken: int
    trouble: str
    has_answers: bool


@dataclass(frozen=True, slots=True)
class StepLine:
    """One thing that happened; ``lines`` are words or answers beside it."""

    text: str
    at: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One event for a clinician. ``answers`` are pairs of question and what was answered."""

    event: str
    path: str
    name: str
    patient: str
    facts: tuple[tuple[str, str], ...]
    level: str
    kind: str
    title: str
    dial: str
    answers: tuple[tuple[str, tuple[str, ...]], ...]
    steps: tuple[StepLine, ...]
    is_open: bool
    is_taken: bool
    others: tuple[tuple[str, str], ...]


def present_queue(
    *, events: Sequence[QueuedEvent], has_answers: bool, trouble: str, now: datetime
) -> QueueView:
    """The queue; without answers for whoever may only know that a clinician must call."""
    rows = tuple(_row(one, has_answers, now) for one in events)
    waiting = sum(row.is_waiting for row in rows)
    return QueueView(rows, waiting, len(rows) - waiting, trouble, has_answers)


def trouble_words(*, can_send: bool, not_sent: int, worker_alive: bool) -> str:
    """Why nobody may have got a message; "" when all is well (RF-09)."""
    if not can_send:
        return str(_("No mail server is set up, so nobody is told by e-mail. Watch this page."))
    if not worker_alive:
        return str(_("The background worker is silent, so no e-mail goes out. Watch this page."))
    if not_sent:
        text = ngettext(
            "%(num)d alert by e-mail has not gone out. Watch this page.",
            "%(num)d alerts by e-mail have not gone out. Watch this page.",
            not_sent,
        )
        return str(text)
    return ""


def _row(one: QueuedEvent, has_answers: bool, now: datetime) -> QueueRow:
    return QueueRow(
        name=one.name,
        born=_born(one.birth_date, now),
        phone=one.phone or "",
        level=level_words(one.level) if has_answers else str(_("A clinician must call")),
        kind=level_kind(one.level) if has_answers else "d",
        title=one.title if has_answers else "",
        href=f"{QUEUE}/{one.event}" if has_answers else "",
        age=age_words(now - one.raised_at),
        stamp=one.raised_at.isoformat(),
        state=_state(one),
        is_waiting=one.acknowledged_at is None,
    )


def _state(one: QueuedEvent) -> str:
    if one.acknowledged_at is not None:
        return str(_("%(name)s is on it", name=one.taken_by or _("A clinician")))
    if one.is_escalated:
        return str(_("Nobody yet; a second message went out"))
    return str(_("Nobody yet"))


def present_event(
    *, story: EventStory, others: Iterable[QueuedEvent], zone: str, now: datetime
) -> EventView:
    """One event with its story."""
    rows = (
        (_("Born"), _born(story.birth_date, now)),
        (_("Told"), _moment(story.raised_at, zone)),
        (_("By"), _by(story)),
        (_("Rule"), f"{story.rule_id} ({story.rule_set.replace('|', ' ')})"),
        (_("Source"), story.source),
    )
    return EventView(
        event=story.event,
        path=f"{QUEUE}/{story.event}",
        name=story.name,
        patient=story.patient,
        facts=tuple((str(name), str(value)) for name, value in rows if value),
        level=level_words(story.level),
        kind=level_kind(story.level),
        title=story.title,
        dial=story.phone or "",
        answers=tuple((one.question, one.answers) for one in story.answers),
        steps=tuple(_line(step, zone) for step in story.steps),
        is_open=story.is_open,
        is_taken=story.find(StepKind.ACKNOWLEDGED) is not None,
        others=tuple(
            (f"{level_words(one.level)}: {one.title}", f"{QUEUE}/{one.event}")
            for one in others
            if one.event != story.event
        ),
    )


def outcome_words() -> dict[Outcome, str]:
    """The outcomes in the order in which a form offers them."""
    return {
        Outcome.SENT_TO_EMERGENCY: str(_("Sent to an emergency department")),
        Outcome.REFERRED: str(_("Referred to a doctor")),
        Outcome.SEEN_HERE: str(_("Seen or will be seen here first")),
        Outcome.NOT_URGENT: str(_("Spoken with: not urgent")),
        Outcome.ANSWERED_BY_MISTAKE: str(_("Answered by mistake")),
        Outcome.NOT_REACHED: str(_("Not reached, and told in another way")),
    }


def level_words(level: Level) -> str:
    """The level as the queue says it."""
    return {
        Level.EMERGENCY: str(_("Emergency")),
        Level.SAME_DAY: str(_("Same day")),
        Level.PRIORITY: str(_("Before the visit")),
    }[level]


def level_kind(level: Level) -> str:
    """How the level is marked: danger, watch, or plain."""
    return {Level.EMERGENCY: "d", Level.SAME_DAY: "w", Level.PRIORITY: ""}[level]


def age_words(age: timedelta) -> str:
    """`14 min`, `3 h`, `2 days`: how long something has waited."""
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 60:
        return str(_("%(number)d min", number=minutes))
    if minutes < 48 * 60:
        return str(_("%(number)d h", number=minutes // 60))
    return str(_("%(number)d days", number=minutes // (24 * 60)))


def _line(step: Step, zone: str) -> StepLine:
    texts = {
        StepKind.READ: _("The patient read what to do"),
        StepKind.ACKNOWLEDGED: _("%(name)s took it on", name=step.who),
        StepKind.ESCALATED: _("Nobody had taken it on: more people were told"),
        StepKind.ANSWER_CHANGED: _("The answer was changed afterwards"),
        StepKind.CLOSED: _("%(name)s closed it", name=step.who),
    }
    lines = [_said(one) for one in step.changed]
    if step.outcome is not None:
        lines.append(outcome_words()[step.outcome])
    if step.note:
        lines.extend(line for line in step.note.splitlines() if line.strip())
    if step.kind is StepKind.ANSWER_CHANGED and not lines:
        lines.append(str(_("No longer answered")))
    return StepLine(str(texts[step.kind]), _moment(step.at, zone), tuple(lines))


def _said(one: Worded) -> str:
    return f"{one.question} {', '.join(one.answers)}"


def _by(story: EventStory) -> str:
    who = {"guardian": _("their guardian"), "staff": _("staff, with the patient")}
    by = who.get(story.author_source)
    return f"{story.author}, {by}" if by else str(_("the patient"))


def _born(day: date, now: datetime) -> str:
    return f"{full_date(day)} ({age_on(birth_date=day, day=now.date())})"


def _moment(at: datetime, zone: str) -> str:
    return f"{local_date(at, zone=zone)}, {local_time(at, zone=zone)}"
