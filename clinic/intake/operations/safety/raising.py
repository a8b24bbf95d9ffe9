"""Safety events are raised inside every save, and told to staff."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from clinic.core import audit, hooks
from clinic.core.db import db
from clinic.core.rows import store
from clinic.core.types import canonical_json
from clinic.core.values import Actor
from clinic.intake.library import safety_rules
from clinic.intake.models import OpenSafetyEvent, OpenSign, Response, SafetyEvent, Screening
from clinic.intake.operations.alerts import alert_staff
from clinic.intake.operations.safety.steps import add_step
from clinic.intake.queries.policy import get_clinical_policy
from clinic.intake.queries.safety.latest import LastEvent, LastEvents, list_last_events
from clinic.intake.rules.alarms import (
    ALERTING,
    StepKind,
    as_stored,
    escalates_at,
    highest,
    is_about,
    worded,
)
from clinic.intake.rules.parties import Author, Source, age_on
from clinic.intake.rules.safety import SafetyEvent as Fired
from clinic.intake.rules.safety import fired_rules, open_rules
from clinic.intake.rules.state import State
from clinic.people.models import Patient


@dataclass(frozen=True, slots=True)
class _Told:
    """Whose answers, in which save of what, and by whom."""

    patient: Patient
    about: str
    version: int
    canonical: str
    author: Author
    is_again: bool = False
    is_left: bool = False
    changed: Container[str] = ()


def evaluate_safety(
    *,
    response: Response,
    state: State,
    author: Author,
    now: datetime,
    is_again: bool = False,
    is_left: bool = False,
    changed: Container[str] = (),
) -> str | None:
    """Ask the rules inside the transaction of a save; the highest level of one that fired anew.

    Every rule that fires is an event, once while it is open. An answer that is taken back closes
    nothing: staff are told that it changed. ``is_again``: the questions were asked anew after two
    weeks, so what was closed then is another event now. What only confirms, word for word, what
    was told before the booking and is still open is no second event, but counts for the level:
    the patient reads the page that it calls for; where ``changed`` (linkIds) takes that back, it
    stands in the event's story.

    A sign without the answer by which its rule is graded waits for it, for as long as somebody is
    there to give it; ``is_left``: nobody is, so it counts as the rule says (``open_rules``).
    Raises RuntimeError outside a transaction.
    """
    told = _Told(
        patient=db.session.get_one(Patient, response.patient_id),
        about=f"response:{response.public_id}",
        version=response.version,
        canonical=response.canonical,
        author=author,
        is_again=is_again,
        is_left=is_left,
        changed=changed,
    )
    level, is_waiting = _weigh(told, state, now)
    if is_waiting:
        _let_wait(response.id, now)
    return level


def raise_from_screening(
    *, screening: Screening, state: State, patient: Patient, actor: Actor, now: datetime
) -> str | None:
    """The events of answers that a visitor gave before anybody knew who it is.

    Inside the transaction that books for ``patient``. The highest level, None without any.
    """
    told = _Told(
        patient=patient,
        about=f"screening:{screening.public_id}",
        version=1,
        canonical=screening.canonical,
        author=Author(Source.PATIENT, f"{patient.given_name} {patient.family_name}", actor),
    )
    return _weigh(told, state, now)[0]


def _weigh(told: _Told, state: State, now: datetime) -> tuple[str | None, bool]:
    """The highest level of what fired anew, and whether a sign waits for another answer."""
    rules = safety_rules()
    age = age_on(birth_date=told.patient.birth_date, day=now.date())
    fired = {one.rule_id: one for one in fired_rules(rules=rules, state=state, age=age)}
    open_ = {one.rule_id: one for one in open_rules(rules=rules, state=state, age=age)}
    if told.is_left:
        fired |= open_
    last = list_last_events(about=told.about, patient_id=told.patient.id)
    new, confirmed = [], []
    for rule_id, event in fired.items():
        words, known = _words(rule_id, state), last.own.get(rule_id)
        if known is None and any(
            (one.rule_id, one.said) == (rule_id, words) for one in last.booked
        ):
            confirmed.append(event.level)  # else staff would be woken twice for one sign
        elif _is_another(known, words, is_again=told.is_again):
            number = known.number + 1 if known else 1
            new.append(_raise(told, event, number, words, now))
        elif known is not None and known.is_open and known.says != words:
            _note_change(known, words, told.author, now)
    own = [one for one in last.own.values() if one.is_open and one.rule_id not in fired]
    _note_changes(told, own, state, now)
    _note_changes(told, _retold(told, last, open_, state), state, now)
    level = highest(level for level in (_tell(told, new, now), *confirmed) if level)
    return level, not told.is_left and any(_is_news(last.own.get(rule)) for rule in open_)


def _is_news(known: LastEvent | None) -> bool:
    return known is None or not known.is_open


def _words(rule_id: str, state: State) -> str:
    """What is answered to a rule's questions, as events keep it."""
    return canonical_json(as_stored(worded(state=state, questions=_questions_of(rule_id))))


def _questions_of(rule_id: str) -> tuple[str, ...]:
    return next((rule.questions for rule in safety_rules().rules if rule.id == rule_id), ())


def _retold(told: _Told, last: LastEvents, open_: Container[str], state: State) -> list[LastEvent]:
    """What was told before a booking, and what this save says about anew: only the patient's own
    form does, and no half of an answer."""
    if not told.about.startswith("response:"):
        return []
    return [
        one
        for one in last.booked
        if one.rule_id not in last.own
        and one.rule_id not in open_
        and is_about(state=state, questions=_questions_of(one.rule_id), changed=told.changed)
    ]


def _is_another(known: LastEvent | None, words: str, *, is_again: bool) -> bool:
    return known is None or (not known.is_open and (known.says != words or is_again))


def _note_changes(told: _Told, known: Iterable[LastEvent], state: State, now: datetime) -> None:
    for one in known:
        words = _words(one.rule_id, state)
        if one.says != words:
            _note_change(one, words, told.author, now)


def _let_wait(response_id: int, now: datetime) -> None:
    """Let the worker look after a sign whose other answer is still to come (``leaving``)."""
    row = db.session.get(OpenSign, response_id)
    if row is None:
        db.session.add(OpenSign(response_id=response_id, since=now))
    else:
        row.since = now


def _source(rule_id: str) -> str:
    return next((rule.source for rule in safety_rules().rules if rule.id == rule_id), "")


def _raise(told: _Told, fired: Fired, number: int, words: str, now: datetime) -> SafetyEvent:
    event = SafetyEvent(
        patient_id=told.patient.id,
        about=told.about,
        answered_version=told.version,
        canonical=told.canonical,
        rule_id=fired.rule_id,
        rule_set=fired.rule_set,
        rule_set_sha256=fired.sha256,
        title=fired.title[:200],
        source=_source(fired.rule_id)[:400],
        level=fired.level,
        number=number,
        raised_at=now,
        author=told.author.name[:200],
        author_source=told.author.source.value,
    )
    event.answers = words
    store(event)
    db.session.add(
        OpenSafetyEvent(
            event_id=event.id,
            patient_id=event.patient_id,
            level=event.level,
            raised_at=now,
            escalate_at=escalates_at(
                level=event.level,
                raised_at=now,
                minutes=get_clinical_policy().escalation_minutes,
            ),
        )
    )
    return event


def _note_change(known: LastEvent, words: str, author: Author, now: datetime) -> None:
    add_step(known.event_id, StepKind.ANSWER_CHANGED, author.actor, now, note=words)


def _tell(told: _Told, new: Iterable[SafetyEvent], now: datetime) -> str | None:
    events = list(new)
    if not events:
        return None
    level = highest(event.level for event in events)
    for event in events:
        audit.record(
            action="safety.raised",
            actor=told.author.actor,
            now=now,
            subject=f"patient:{told.patient.public_id}",
            details={"event": event.public_id, "level": event.level},
        )
    if level in ALERTING:
        urgent = next(event for event in events if event.level == level)
        alert_staff(event=urgent.public_id, now=now)
    hooks.safety_changed.announce(told.patient.id, now)
    return level
