"""Which dangers stand on the one page that a clinician reads."""

from datetime import UTC, date, datetime, timedelta

from clinic.intake import library
from clinic.intake.presenters.history import present_history
from clinic.intake.presenters.summary import MOST_CLOSED, flags_of
from clinic.intake.queries.safety.stories import EventStory, Step
from clinic.intake.rules.alarms import Level, Outcome, StepKind, Worded, telling
from clinic.intake.rules.checking import settled
from tests.unit.intake.builders import answered, inside, response, settled_on

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


def event(rule: str, level: Level, *, days: int, is_closed: bool = False) -> EventStory:
    at = NOW - timedelta(days=days)
    closed = Step(StepKind.CLOSED, at, "Sam Ito", Outcome.SEEN_HERE, "Seen.", ())
    return EventStory(
        event=f"{rule} {days}",
        patient="ana",
        name="Ana Ruiz",
        phone=None,
        email=None,
        birth_date=date(1985, 5, 4),
        about=f"response:{days}",
        canonical="form|1",
        rule_id=rule,
        rule_set="rules|1",
        source="A paper",
        title=rule,
        level=level,
        raised_at=at,
        author="Ana Ruiz",
        author_source="patient",
        answers=(),
        steps=(closed,) if is_closed else (),
    )


class TestFlags:
    def test_put_the_worst_that_is_open_first_and_each_rule_once(self) -> None:
        told = [
            event("RF-INF-2", Level.PRIORITY, days=1),
            event("RF-DVT-1", Level.SAME_DAY, days=2),
            event("RF-INF-2", Level.PRIORITY, days=30),
            event("RF-CES-1", Level.EMERGENCY, days=31),
        ]
        shown = [one.event for one in flags_of(events=told)]
        assert shown == ["RF-CES-1 31", "RF-DVT-1 2", "RF-INF-2 1"]

    def test_end_with_what_was_looked_after_last(self) -> None:
        old = [event("RF-CES-1", Level.EMERGENCY, days=day, is_closed=True) for day in range(9)]
        shown = flags_of(events=[*old, event("RF-INF-2", Level.PRIORITY, days=10)])
        assert [one.event for one in shown] == [
            "RF-INF-2 10",
            *(f"RF-CES-1 {day}" for day in range(MOST_CLOSED)),
        ]


class TestWhatWasSaid:
    def test_stands_with_its_question_where_a_yes_alone_would_say_nothing(self) -> None:
        told = (
            Worded("Is a leg getting weaker?", "rf-motor", ("Yes, and it is getting worse",)),
            Worded("Any of these?", "rf-ces", ("Leaking urine that is new", "None of these")),
            Worded("Have you had a clot?", "clot", ("No",)),
        )
        assert telling(told) == (
            "Is a leg getting weaker? Yes, and it is getting worse",
            "Leaking urine that is new",
        )


class TestTheHealthHistory:
    def test_says_apart_what_nobody_answered_and_what_there_is_not(self) -> None:
        form = library.form(name="health-history")
        gates = {"med-any": False, "allergy-any": True, "fallen": False}
        heart = {"hx-heart-had": "yes", "hx-stroke-had": "unsure", "hx-clot-had": "no"}
        told = dict(present_history(settled_on(form, {**gates, **heart})))
        assert told["Medicines"] == "None reported"
        assert told["Allergies"] == "Yes, not said what"
        assert told["Surgery"] == told["Of note"] == "Not answered"
        assert told["Falls"] == "None in 12 months"
        asked = sum(one.link_id.endswith("-had") for one in form.items)
        had = f"Heart disease; not sure: Stroke or mini-stroke; {asked - 3} not answered"
        assert told["Conditions"] == had
        assert set(dict(present_history(settled_on(form, {}))).values()) == {"Not answered"}
        never = {one.link_id: "no" for one in form.items if one.link_id.endswith("-had")}
        assert dict(present_history(settled_on(form, never)))["Conditions"] == "None reported"
        assert present_history(None) == ()

    def test_keeps_each_medicine_with_its_own_dose(self) -> None:
        form = library.form(name="health-history")
        state = settled(
            form=form,
            raw=response(
                inside(
                    "medicines",
                    answered("med-any", {"valueBoolean": True}),
                    inside("med", answered("med-name", {"valueString": "Aspirin"})),
                    inside(
                        "med",
                        answered("med-name", {"valueString": "Ibuprofen"}),
                        answered("med-dose", {"valueString": "200 mg"}),
                    ),
                )
            ),
        )
        assert dict(present_history(state))["Medicines"] == "Aspirin; Ibuprofen, 200 mg"
