"""Safety events, from the answer that raises one to the note that closes it (RF-01 to RF-10)."""

import json
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from clinic.core.audit import AuditEntry
from clinic.core.db import db, transaction
from clinic.core.errors import Forbidden, Invalid
from clinic.core.values import PUBLIC, Actor, Role
from clinic.intake.library import form, safety_rules
from clinic.intake.models import OpenSafetyEvent, OpenSign, SafetyEvent
from clinic.intake.operations.alerts import KINDS
from clinic.intake.operations.leaving import leave_form, raise_left
from clinic.intake.operations.safety.handling import (
    AlreadyClosed,
    acknowledge_event,
    close_event,
    escalate_overdue,
    mark_read,
)
from clinic.intake.operations.screening import bind_screening, keep_screening
from clinic.intake.queries.interrupts import find_interrupt
from clinic.intake.queries.safety.gate import is_self_booking_closed, list_must_call
from clinic.intake.queries.safety.queue import count_alerts_not_sent, list_queue
from clinic.intake.queries.safety.stories import get_event, list_patient_events
from clinic.intake.rules.alarms import Level, Outcome, StepKind
from clinic.intake.rules.policy import ClinicalPolicy
from clinic.intake.rules.working import canonical_of
from clinic.messaging.models import Message
from clinic.people.models import Patient
from tests.integration.intake.dangers import (
    CALF,
    NOTHING,
    OLD_SADDLE,
    SADDLE,
    SAM,
    TENDER_CALF,
    Telling,
    answers,
    hire_all,
    let_hold,
    publish_symptoms,
)
from tests.integration.intake.ground import ANA, NOW, add_patient

KIM = Actor(kind="staff", name="Kim Torres", id="kim", role=Role.FRONT_DESK)
MANAGER = Actor(kind="staff", name="Max", id="max", role=Role.ADMIN)


@pytest.fixture
def telling(in_app: Flask) -> Telling:
    hire_all()
    return Telling(add_patient(), publish_symptoms())


def events() -> list[SafetyEvent]:
    db.session.expire_all()
    return list(db.session.scalars(select(SafetyEvent).order_by(SafetyEvent.id)))


def the_event() -> str:
    return events()[0].public_id


def mails(kind: str | None = None) -> list[Message]:
    kinds = [kind] if kind else list(KINDS)
    wanted = select(Message).where(Message.kind.in_(kinds)).order_by(Message.id)
    return list(db.session.scalars(wanted))


def close(event: str, *, note: str = "Called; no red flag after all.") -> None:
    close_event(
        event=event, outcome=Outcome.NOT_URGENT, note=note, actor=SAM, now=NOW + timedelta(hours=1)
    )


class TestASave:
    def test_raises_an_event_at_once_though_the_form_is_never_finished(
        self, telling: Telling
    ) -> None:
        assert telling.say(SADDLE).level == "EMERGENCY"
        assert [event.rule_id for event in events()] == ["RF-CES-1"]
        assert [one.level for one in list_queue()] == [Level.EMERGENCY]

    def test_raises_it_while_somebody_types_too(self, telling: Telling) -> None:
        assert telling.say(SADDLE, is_whole=False).level == "EMERGENCY"

    def test_keeps_what_was_answered_and_by_which_rules(self, telling: Telling) -> None:
        telling.say(SADDLE)
        story = get_event(public_id=the_event())
        rules = safety_rules()
        assert story.rule_set == f"{rules.id}|{rules.version}"
        assert events()[0].rule_set_sha256 == rules.sha256
        assert story.canonical == canonical_of(form=form(name="symptoms"))
        assert {one.link_id for one in story.answers} == {"rf-ces", "rf-ces-when"}
        assert "Numbness" in story.answers[0].answers[0]
        assert "Numbness" not in events()[0].answers_sealed

    def test_says_it_once_however_often_the_page_is_saved(self, telling: Telling) -> None:
        assert telling.say(SADDLE).level == "EMERGENCY"
        assert telling.say(SADDLE).level is None
        assert telling.say({**SADDLE, "rf-motor": ["yes-stable"]}).level == "SAME-DAY"
        assert [event.rule_id for event in events()] == ["RF-CES-1", "RF-MOTOR-2"]

    def test_that_takes_the_answer_back_closes_nothing_and_tells_staff(
        self, telling: Telling
    ) -> None:
        telling.say(SADDLE)
        telling.say(NOTHING)
        telling.say(NOTHING)
        story = get_event(public_id=the_event())
        assert story.is_open
        assert [step.kind for step in story.steps] == [StepKind.ANSWER_CHANGED]
        assert story.steps[0].changed[0].answers == ("None of these",)
        assert len(list_queue()) == 1

    def test_raises_another_for_other_answers_after_the_first_was_closed(
        self, telling: Telling
    ) -> None:
        telling.say(SADDLE)
        close(the_event())
        assert telling.say({**SADDLE, "rf-motor": ["no"]}).level is None
        worse = {**SADDLE, "rf-ces": ["bowel"]}
        assert telling.say(worse).level == "EMERGENCY"
        assert [event.number for event in events()] == [1, 2]

    def test_without_a_sign_raises_nothing(self, telling: Telling) -> None:
        assert telling.say(NOTHING).level is None
        assert events() == []

    def test_is_undone_with_its_event(
        self, telling: Telling, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(**_: object) -> None:
            raise RuntimeError("the outbox is gone")

        monkeypatch.setattr("clinic.intake.operations.alerts.post_message", broken)
        with pytest.raises(RuntimeError):
            telling.say(SADDLE)
        assert events() == []


def soon(**span: int) -> datetime:
    return NOW + timedelta(**span)


class TestASignWithoutItsOtherAnswer:
    def test_waits_for_it_and_is_read_as_the_worst_when_nobody_gives_it(
        self, telling: Telling
    ) -> None:
        half = {**SADDLE, "rf-ces-when": []}
        saved = telling.say(half, is_whole=False)
        assert saved.level is None
        raise_left(now=soon(seconds=179))
        assert events() == []
        raise_left(now=soon(minutes=3))
        raise_left(now=soon(minutes=4))
        (event,) = events()
        assert (event.rule_id, event.level) == ("RF-CES-1", "EMERGENCY")
        assert (event.author, event.author_source) == ("Ana Ruiz", "patient")
        assert "since when is not answered" in event.title
        assert [one.level for one in list_queue()] == [Level.EMERGENCY]
        assert len(mails("safety-alert")) == len(mails()) == 2  # two clinicians
        assert find_interrupt(response=saved.response) is not None
        # what is said afterwards stands in its story, and is weighed as ever
        assert telling.say(half).level is None
        assert get_event(public_id=event.public_id).steps == ()
        assert telling.say(OLD_SADDLE).level == "SAME-DAY"
        (step,) = get_event(public_id=event.public_id).steps
        assert step.kind is StepKind.ANSWER_CHANGED
        raise_left(now=soon(minutes=9))
        assert [one.rule_id for one in events()] == ["RF-CES-1", "RF-CES-2"]

    def test_is_an_event_at_once_where_they_go_on_later(self, telling: Telling) -> None:
        of = telling.say({**SADDLE, "rf-ces-when": []}).response
        assert leave_form(response=of, author=ANA, now=soon(seconds=5)) == "EMERGENCY"
        assert leave_form(response=of, author=ANA, now=soon(seconds=6)) is None
        assert len(events()) == 1

    def test_is_forgotten_where_they_answer_or_take_it_back(self, telling: Telling) -> None:
        for rest in (OLD_SADDLE, NOTHING):
            telling.say({**SADDLE, "rf-ces-when": []}, now=soon(minutes=1))
            telling.say(rest, now=soon(minutes=2))
            raise_left(now=soon(minutes=9))
        assert [one.rule_id for one in events()] == ["RF-CES-2"]
        assert db.session.scalars(select(OpenSign)).all() == []


@transaction
def bind(patient: str) -> None:
    person = db.session.scalars(select(Patient).where(Patient.public_id == patient)).one()
    bind_screening(visitor="v", patient=person, actor=PUBLIC, now=NOW)


class TestASignToldBeforeTheBooking:
    def test_keeps_its_story_when_the_form_confirms_it_and_takes_it_back(
        self, telling: Telling
    ) -> None:
        keep_screening(visitor="v", answers=answers(SADDLE), now=NOW)
        bind(telling.patient)
        (event,) = events()

        def story() -> list[str]:
            steps = get_event(public_id=event.public_id).steps
            return [step.changed[0].answers[0] for step in steps]

        telling.say(SADDLE)
        telling.say({**SADDLE, "rf-ces-when": []})  # half an answer says nothing yet
        assert story() == []
        telling.say(NOTHING)
        telling.say({**NOTHING, "rf-motor": ["yes-stable"]})
        assert story() == ["None of these"]
        telling.say(SADDLE)
        assert [one.rule_id for one in events()] == ["RF-CES-1", "RF-MOTOR-2"]
        assert "Numbness" in story()[1]
        assert get_event(public_id=event.public_id).is_open


class TestAnAlert:
    def test_goes_to_every_clinician_and_says_nothing(self, telling: Telling) -> None:
        telling.say(SADDLE)
        found = mails()
        assert [json.loads(one.recipient or "")["email"] for one in found] == [
            "ada@clinic.example",
            "sam@clinic.example",
        ]
        assert {one.context for one in found} == {'{"link":"/desk/safety"}'}
        assert {one.about for one in found} == {f"safety:{the_event()}"}

    @pytest.mark.parametrize(("codes", "sent"), [(CALF, 2), (OLD_SADDLE, 2), (TENDER_CALF, 0)])
    def test_is_sent_for_what_cannot_wait_a_day(
        self, telling: Telling, codes: dict[str, list[str]], sent: int
    ) -> None:
        telling.say(codes)
        assert len(mails()) == sent
        assert len(list_queue()) == 1

    def test_that_fails_is_counted_and_the_event_stays_in_the_queue(self, telling: Telling) -> None:
        telling.say(SADDLE)
        assert count_alerts_not_sent(kinds=KINDS, now=NOW) == 0
        assert count_alerts_not_sent(kinds=KINDS, now=NOW + timedelta(minutes=6)) == 2
        assert len(list_queue()) == 1


class TestEscalation:
    def test_is_sent_exactly_once_to_more_people(self, telling: Telling) -> None:
        telling.say(SADDLE)
        due = NOW + timedelta(minutes=ClinicalPolicy().escalation_minutes)
        assert escalate_overdue(now=due - timedelta(seconds=1)) == 0
        assert escalate_overdue(now=due) == 1
        assert escalate_overdue(now=due) == 0
        assert escalate_overdue(now=NOW + timedelta(days=1)) == 0
        assert len(mails("safety-escalation")) == 3
        assert list_queue()[0].is_escalated

    def test_is_due_when_the_clinics_policy_says(self, telling: Telling) -> None:
        let_hold(ClinicalPolicy(escalation_minutes=5))
        telling.say(SADDLE)
        assert escalate_overdue(now=NOW + timedelta(minutes=5, seconds=-1)) == 0
        assert escalate_overdue(now=NOW + timedelta(minutes=5)) == 1

    def test_is_not_sent_once_somebody_has_taken_it_on(self, telling: Telling) -> None:
        telling.say(SADDLE)
        acknowledge_event(event=the_event(), actor=SAM, now=NOW)
        assert escalate_overdue(now=NOW + timedelta(days=1)) == 0

    def test_is_for_emergencies_only(self, telling: Telling) -> None:
        telling.say(CALF)
        assert escalate_overdue(now=NOW + timedelta(days=1)) == 0


class TestTheQueue:
    def test_shows_first_what_nobody_took_on_then_what_is_worst_then_oldest(
        self, telling: Telling
    ) -> None:
        telling.say(CALF)
        others = [Telling(add_patient(given=name), telling.form) for name in ("Bo", "Cy", "Di")]
        for minutes, (other, codes) in enumerate(
            zip(others, (SADDLE, TENDER_CALF, SADDLE), strict=True), start=1
        ):
            other.say(codes, now=NOW + timedelta(minutes=minutes))
        first = next(one for one in list_queue() if one.name.startswith("Bo"))
        acknowledge_event(event=first.event, actor=SAM, now=NOW + timedelta(minutes=9))
        assert [one.name.split()[0] for one in list_queue()] == ["Di", "Ana", "Cy", "Bo"]
        assert list_queue()[-1].taken_by == "Sam Ito"

    def test_tells_the_front_desk_only_that_a_clinician_must_call(self, telling: Telling) -> None:
        other = add_patient(given="Bo")
        telling.say(TENDER_CALF)
        assert list_must_call(patients=[telling.patient, other]) == {telling.patient}


class TestClosing:
    def test_needs_a_clinician_a_note_and_an_outcome(self, telling: Telling) -> None:
        telling.say(SADDLE)
        for actor in (KIM, MANAGER):
            with pytest.raises(Forbidden):
                close_event(
                    event=the_event(),
                    outcome=Outcome.NOT_URGENT,
                    note="fine",
                    actor=actor,
                    now=NOW,
                )
            with pytest.raises(Forbidden):
                acknowledge_event(event=the_event(), actor=actor, now=NOW)
        with pytest.raises(Invalid):
            close(the_event(), note="  ")
        close(the_event())
        story = get_event(public_id=the_event())
        closing = story.find(StepKind.CLOSED)
        assert closing is not None
        assert (closing.who, closing.outcome) == ("Sam Ito", Outcome.NOT_URGENT)
        assert closing.note == "Called; no red flag after all."
        assert not story.is_open

    def test_is_on_record_without_the_note(self, telling: Telling) -> None:
        telling.say(SADDLE)
        close(the_event())
        wanted = select(AuditEntry).where(AuditEntry.action == "safety.closed")
        entry = db.session.scalars(wanted).one()
        assert entry.subject == f"patient:{telling.patient}"
        assert entry.details == {"event": the_event(), "outcome": "not-urgent"}

    def test_happens_once(self, telling: Telling) -> None:
        telling.say(SADDLE)
        close(the_event())
        with pytest.raises(AlreadyClosed):
            close(the_event())
        assert db.session.scalars(select(OpenSafetyEvent)).all() == []

    def test_of_the_last_one_opens_booking_again(self, telling: Telling) -> None:
        telling.say({**SADDLE, "rf-vasc": ["faint"]})
        one, two = (event.public_id for event in events())
        close(one)
        assert is_self_booking_closed(patient=telling.patient)
        close(two)
        assert not is_self_booking_closed(patient=telling.patient)


class TestAnInterrupt:
    def test_waits_until_the_patient_has_read_it(self, telling: Telling) -> None:
        saved = telling.say(SADDLE)
        assert find_interrupt(response=saved.response) is not None
        for _ in range(2):
            mark_read(events=[the_event()], actor=SAM, now=NOW)
        assert find_interrupt(response=saved.response) is None
        kinds = [step.kind for step in get_event(public_id=the_event()).steps]
        assert kinds == [StepKind.READ]

    def test_is_not_made_of_what_can_wait_for_the_visit(self, telling: Telling) -> None:
        saved = telling.say(TENDER_CALF)
        assert find_interrupt(response=saved.response) is None


class TestEvents:
    @pytest.mark.parametrize("table", ["safety_events", "safety_steps"])
    def test_are_never_changed(self, telling: Telling, table: str) -> None:
        telling.say(SADDLE)
        close(the_event())

        @transaction
        def harm(statement: str) -> None:
            db.session.execute(text(statement))

        for statement in ("UPDATE %s SET public_id = 'x'", "DELETE FROM %s"):
            with pytest.raises(DBAPIError, match="append-only"):
                harm(statement % table)

    def test_of_a_patient_are_the_newest_first(self, telling: Telling) -> None:
        telling.say(CALF)
        telling.say(SADDLE, now=NOW + timedelta(minutes=1))
        found = list_patient_events(patient=telling.patient)
        assert [one.level for one in found] == [Level.EMERGENCY, Level.SAME_DAY]
