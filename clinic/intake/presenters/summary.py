"""The one page that a clinician reads before a visit: danger first, then the story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from clinic.documents.queries import StoredDocument
from clinic.intake.library import safety_rules
from clinic.intake.presenters.answers import answer_words, said_words
from clinic.intake.presenters.body_chart import BodyChart, present_body_chart
from clinic.intake.presenters.charts import ChartView, Series, present_chart
from clinic.intake.presenters.history import present_history
from clinic.intake.presenters.safety import QUEUE, age_words, level_kind, level_words
from clinic.intake.queries.reading import Reading, Told
from clinic.intake.queries.safety.stories import EventStory
from clinic.intake.rules.alarms import INTERRUPTING, StepKind, telling
from clinic.intake.rules.parties import age_on
from clinic.intake.rules.patterns import Listing
from clinic.intake.rules.safety import LEVELS
from clinic.intake.rules.state import State
from clinic.intake.rules.story import (
    Change,
    changes,
    codes_at,
    is_open,
    number_at,
    numbers_at,
    own_words,
    unanswered,
    words_at,
)
from clinic.web.filters import full_date, local_date, local_time

MOST_LINES = 8
MOST_CLOSED = 3
STORY = "symptoms"


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A safety event on the summary."""

    level: str
    kind: str
    said: str
    rule: str
    state: str
    href: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class PatternRow:
    """A pattern to consider: counts on the page, the words behind them."""

    title: str
    supports: tuple[str, ...]
    againsts: tuple[str, ...]
    missing: tuple[str, ...]
    exam: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form and how it stands."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryView:
    """The summary, ready to print."""

    name: str
    patient: str
    lead: str
    flags: tuple[FlagRow, ...]
    open_flags: int
    more_flags: int
    said_no: tuple[str, ...]
    quotes: tuple[tuple[str, str], ...]
    story: tuple[tuple[str, str], ...]
    body: BodyChart | None
    where: str
    chart: ChartView | None
    health: tuple[tuple[str, str], ...]
    life: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    more_changes: int
    unanswered: tuple[str, ...]
    more_unanswered: int
    patterns: tuple[PatternRow, ...] | None
    forms: tuple[FormLine, ...]
    papers: tuple[FormLine, ...]


def present_summary(
    *,
    reading: Reading,
    events: Sequence[EventStory],
    patterns: Sequence[Listing] | None,
    papers: Iterable[StoredDocument],
    zone: str,
    now: datetime,
) -> SummaryView:
    """The page; ``patterns`` is None where they are switched off."""
    states = {one.slug: one.state for one in reading.latest()}
    flags = flags_of(events=events)
    story = states.get(STORY)
    differing = _changes(reading)
    open_questions = [text for state in states.values() for text in unanswered(state)]
    patient = reading.patient
    return SummaryView(
        name=f"{patient.given_name} {patient.family_name}",
        patient=patient.public_id,
        lead=_lead(reading, zone, now),
        flags=tuple(_flag(event, now) for event in flags),
        open_flags=sum(event.is_open for event in flags),
        more_flags=len(events) - len(flags),
        said_no=_said_no(story, events),
        quotes=tuple(quote for state in states.values() for quote in own_words(state)),
        story=_story(states),
        body=present_body_chart(state=story) if story is not None else None,
        where=_where(story),
        chart=_chart(reading, zone),
        health=present_history(states.get("health-history")),
        life=_life(states.get("activity-goals")),
        changes=differing[:MOST_LINES],
        more_changes=max(0, len(differing) - MOST_LINES),
        unanswered=tuple(open_questions[:MOST_LINES]),
        more_unanswered=max(0, len(open_questions) - MOST_LINES),
        patterns=None if patterns is None else tuple(_pattern(one, story) for one in patterns),
        forms=tuple(_form(one, zone) for one in reading.latest()),
        papers=tuple(
            FormLine(
                f"{paper.kind.value.replace('-', ' ')}: {paper.name}",
                f"/desk/documents/{paper.public_id}",
            )
            for paper in papers
        ),
    )


def _lead(reading: Reading, zone: str, now: datetime) -> str:
    person = reading.patient
    born = _(
        "Born %(day)s (%(age)d).",
        day=full_date(person.birth_date),
        age=age_on(birth_date=person.birth_date, day=now.astimezone(ZoneInfo(zone)).date()),
    )
    newest = reading.newest(STORY)
    if newest is None:
        return str(born)
    at = f"{local_date(newest.at, zone=zone)}, {local_time(newest.at, zone=zone)}"
    if newest.number == 0:
        told = _("Answers of %(at)s, not sent yet.", at=at)
    else:
        told = _("Answers sent %(at)s, form version %(version)s.", at=at, version=newest.version)
    return f"{born} {told}"


def flags_of(*, events: Sequence[EventStory]) -> tuple[EventStory, ...]:
    """Of a patient's events, the newest first: what is open, the worst first, each rule once by its
    newest answers; then what was looked after last. Who has come for years still has one page."""
    rank = {level: number for number, level in enumerate(LEVELS)}
    is_open: dict[str, EventStory] = {}
    for event in events:
        if event.is_open:
            is_open.setdefault(event.rule_id, event)
    closed = [event for event in events if not event.is_open]
    worst = sorted(is_open.values(), key=lambda event: rank[event.level])
    return (*worst, *closed[:MOST_CLOSED])


def _flag(event: EventStory, now: datetime) -> FlagRow:
    closed, taken = event.find(StepKind.CLOSED), event.find(StepKind.ACKNOWLEDGED)
    if closed is not None:
        state = _("Closed by %(name)s", name=closed.who)
    elif taken is not None:
        state = _("%(name)s is on it", name=taken.who)
    else:
        state = _("Not called yet, %(age)s", age=age_words(now - event.raised_at))
    said = "; ".join(telling(event.answers))
    return FlagRow(
        level=level_words(event.level),
        kind=level_kind(event.level),
        said=said,
        rule=f"{event.rule_id}, {event.source.split(';')[0]}",
        state=str(state),
        href=f"{QUEUE}/{event.event}",
        is_open=closed is None,
    )


def _said_no(story: State | None, events: Iterable[EventStory]) -> tuple[str, ...]:
    """The dangers that were asked about in full and that no answer speaks for."""
    if story is None:
        return ()
    raised = {event.rule_id for event in events}
    return tuple(
        rule.title
        for rule in safety_rules().rules
        if rule.level in INTERRUPTING
        and rule.id not in raised
        and any(codes_at(story, name) for name in rule.questions)
        and not any(name in story.form.by_link and is_open(story, name) for name in rule.questions)
    )


def _changes(reading: Reading) -> tuple[Change, ...]:
    found: list[Change] = []
    for one in reading.latest():
        before = reading.before(one)
        if before is not None:
            found += changes(before=before.state, after=one.state, words=said_words)
    return tuple(found)


def _story(states: dict[str, State]) -> tuple[tuple[str, str], ...]:
    story, pain = states.get(STORY), states.get("nprs")
    goals, history = states.get("activity-goals"), states.get("health-history")
    rows = [
        (_("Began"), story, ("duration", "onset", "mechanism")),
        (_("Pattern"), story, ("pattern", "course", "morning", "night")),
        (_("Side"), story, ("side", "both-worse", "leg-vs-back")),
        (_("Feels"), story, ("quality", "neuro-where")),
        (_("Worse"), story, ("worse",)),
        (_("Better"), story, ("better",)),
        (_("Tried"), story, ("tried",)),
        (_("Treated by"), history, ("care-kind", "care-diagnosis", "care-helped")),
        (_("Tests"), history, ("test-kind", "test-where", "test-result")),
        (_("Wants"), goals, ("goal-1", "goal-2", "goal-3", "goal-date")),
    ]
    found = [(str(label), _joined(state, links)) for label, state, links in rows if state]
    if story is not None and (began := _began(story)):
        found[0] = (found[0][0], "; ".join(filter(None, (began, found[0][1]))))
    found += _numbers(story) if story is not None else []
    found += _pain(pain, story)
    return tuple((label, text) for label, text in found if text)


def _began(story: State) -> str:
    """The day, month or year that was given, as people say it."""
    return ", ".join(_words(story, "onset-date"))


def _numbers(story: State) -> list[tuple[str, str]]:
    sit, walk = number_at(story, "sit-minutes"), number_at(story, "walk-minutes")
    hours = number_at(story, "sit-hours")
    return [
        (str(_("Can sit")), str(_("%(number)s min", number=sit)) if sit is not None else ""),
        (str(_("Walks until")), str(_("%(number)s min", number=walk)) if walk is not None else ""),
        (str(_("Sits a day")), str(_("%(number)s h", number=hours)) if hours is not None else ""),
    ]


def _pain(pain: State | None, story: State | None) -> list[tuple[str, str]]:
    """The pain beside what may hide it: medicine taken today stands with every score."""
    now_value = number_at(pain, "nprs-now") if pain is not None else None
    took = words_at(story, "analgesic-today") if story is not None else ()
    parts = []
    if now_value is not None:
        parts.append(str(_("%(number)s of 10", number=now_value)))
    if took == ("Yes",):
        parts.append(str(_("pain medicine in the last 24 hours")))
    return [(str(_("Pain now")), "; ".join(parts))]


def _where(story: State | None) -> str:
    if story is None:
        return ""
    parts = [
        (_("Worst: %(place)s."), words_at(story, "worst-region")),
        (_("Begins: %(place)s."), words_at(story, "start-region")),
        (_("Spreads: %(place)s."), words_at(story, "spread")),
        (_("Side: %(place)s."), words_at(story, "side")),
    ]
    return " ".join(str(text) % {"place": ", ".join(words)} for text, words in parts if words)


def _chart(reading: Reading, zone: str) -> ChartView | None:
    pain, function = [], []
    for one in reading.told:
        if one.slug not in {"nprs", "psfs"}:
            continue
        state, day = one.state, one.at.astimezone(ZoneInfo(zone)).date()
        if one.slug == "nprs" and (value := number_at(state, "nprs-now")) is not None:
            pain.append((day, value))
        if one.slug == "psfs" and (given := numbers_at(state, "psfs-rating")):
            function.append((day, sum(given, Decimal(0)) / len(given)))
    lines = [
        Series(str(_("Function")), tuple(dict(function).items())),
        Series(str(_("Pain")), tuple(dict(pain).items()), is_second=True),
    ]
    return present_chart(lines)


def _life(state: State | None) -> tuple[tuple[str, str], ...]:
    if state is None:
        return ()
    minutes, sleep = number_at(state, "exercise-minutes"), number_at(state, "sleep-hours")
    rows = (
        (_("Work"), _joined(state, ("work-title", "work-status", "work-tasks"))),
        (_("Sport"), _joined(state, ("sport-which", "sport-level", "sport-date"))),
        (_("Exercise"), _("%(number)s min a week", number=minutes) if minutes is not None else ""),
        (_("Home"), _joined(state, ("stairs", "lives-with"))),
        (_("Sleep"), _("%(number)s h a night", number=sleep) if sleep is not None else ""),
    )
    return tuple((str(label), str(text)) for label, text in rows if text)


def _joined(state: State | None, links: Iterable[str]) -> str:
    if state is None:
        return ""
    groups = (", ".join(words) for link in links if (words := _words(state, link)))
    return "; ".join(groups)


def _words(state: State, link: str) -> tuple[str, ...]:
    """The answers in words, dates as people say them."""
    found, item = words_at(state, link), state.form.by_link.get(link)
    if item is None or item.type != "date":
        return found
    return tuple(answer_words({"valueDate": text}) for text in found)


def _pattern(one: Listing, story: State | None) -> PatternRow:
    asked = story.form.by_link if story is not None else {}
    missing = tuple(asked[link].text for link in one.missing if link in asked)
    return PatternRow(
        one.title, one.supports, one.againsts, missing, _lines(one.exam), _lines(one.evidence)
    )


def _lines(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,) if given else ()
    return tuple(map(str, given)) if isinstance(given, list | tuple) else ()


def _form(one: Told, zone: str) -> FormLine:
    at = local_date(one.at, zone=zone)
    status = {
        "completed": _("sent %(day)s", day=at),
        "amended": _("changed %(day)s", day=at),
        "in-progress": _("not sent yet, last saved %(day)s", day=at),
    }.get(one.status, one.status)
    return FormLine(f"{one.title}: {status}", f"/desk/answers/{one.response}")
