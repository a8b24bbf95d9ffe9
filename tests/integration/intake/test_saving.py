"""Answers are saved, merged, completed and amended; nothing that was acknowledged is lost."""

import json
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import DetachedInstanceError

from clinic.core.db import db
from clinic.intake.models import FormSession, Response, ResponseVersion
from clinic.intake.operations.completing import amend_response, complete_response
from clinic.intake.operations.links import open_link
from clinic.intake.operations.refusals import ChangedElsewhere, FormClosed, IntakeIncomplete
from clinic.intake.operations.saving import Page, VisitSaved, save_visit
from clinic.intake.queries.links import FormVisitor
from clinic.intake.queries.responses import (
    AssignedForm,
    answers_of,
    get_assigned,
    list_changes,
)
from clinic.intake.rules.parties import Author
from clinic.intake.rules.working import digest, state_of
from tests.integration.intake.conftest import new_link
from tests.integration.intake.ground import (
    ANA,
    NOW,
    URL,
    add_patient,
    ask,
    coding,
    group,
    publish,
    question,
    save,
    small_form,
    stored,
)

YES, NO = [coding("yes")], [coding("no")]


def words(text: str) -> list[dict[str, str]]:
    return [{"valueString": text}]


@pytest.fixture
def asked(in_app: Flask) -> tuple[str, str]:
    """The open form of a patient, and its version."""
    version = publish(small_form())
    return ask(add_patient()), version


def complete(response: str, version: int) -> str:
    return complete_response(response=response, version=version, author=ANA, now=NOW).sha256


class TestSavePage:
    def test_begins_the_response_and_keeps_every_answer(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        first = save(assignment, {"hurts": YES, "where": words("left hip")}, form=form)
        save(
            assignment,
            {"much": [{"valueInteger": 0}]},
            form=form,
            section=2,
            base=first.version,
        )
        assert answers_of(stored()) == {
            "hurts": YES,
            "where": words("left hip"),
            "much": [{"valueInteger": 0}],
        }
        assert stored().canonical == f"{URL}|1"

    def test_changes_nothing_when_the_same_is_sent_again(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        first = save(assignment, {"hurts": YES}, form=form)
        again = save(assignment, {"hurts": YES}, form=form, base=first.version)
        assert again.version == first.version

    def test_loses_no_answer_of_two_devices_and_tells_the_later(
        self, asked: tuple[str, str]
    ) -> None:
        assignment, form = asked
        first = save(assignment, {"hurts": YES, "where": words("here")}, form=form)
        base = first.version
        phone = save(assignment, {"hurts": YES, "where": words("hip")}, form=form, base=base)
        laptop = save(assignment, {"hurts": NO, "where": words("back")}, form=form, base=base)
        assert (phone.conflicts, laptop.conflicts) == ((), ("where",))
        assert answers_of(stored()) == {"hurts": NO, "where": words("hip")}

    def test_takes_what_only_the_other_device_changed(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        first = save(assignment, {"hurts": YES, "where": words("here")}, form=form)
        save(assignment, {"where": words("hip")}, form=form, base=first.version)
        laptop = save(
            assignment, {"hurts": NO, "where": words("here")}, form=form, base=first.version
        )
        assert laptop.conflicts == ()
        assert answers_of(stored()) == {"hurts": NO, "where": words("hip")}

    def test_tells_what_a_changed_answer_removes_and_brings_it_back(
        self, asked: tuple[str, str]
    ) -> None:
        assignment, form = asked
        first = save(assignment, {"hurts": YES, "where": words("hip")}, form=form)
        changed = save(assignment, {"hurts": NO}, form=form, base=first.version)
        assert changed.removed == ("where",)
        save(assignment, {"hurts": YES}, form=form, base=changed.version)
        assigned = get_assigned(public_id=assignment)
        state = state_of(form=assigned.form, answers=answers_of(stored()))
        (place,) = state.places_of(state.form.by_link["where"])
        assert [answer.raw for answer in place.answers] == words("hip")

    def test_finishes_on_the_version_it_began_on(self, asked: tuple[str, str]) -> None:  # F5
        assignment, old = asked
        first = save(assignment, {"hurts": YES, "where": words("hip")}, form=old)
        new = publish(small_form(version="2", items=[group("first", question("other"))]))
        second = save(assignment, {"words": words("more")}, form=new, section=2, base=first.version)
        complete(second.response, second.version)
        kept = json.loads(stored(ResponseVersion).answers)
        assert kept["questionnaire"] == f"{URL}|1"
        form = get_assigned(public_id=assignment).form
        assert form.by_link.keys() >= {"hurts", "where", "much"}


class TestSaveVisit:
    """The same for the browser that a link let in, with its proof in one transaction."""

    @staticmethod
    def come_in(assignment: str) -> str:
        patient = get_assigned(public_id=assignment).patient
        born = patient.birth_date
        token = new_link(patient.public_id)
        return open_link(token=token, birth_date=born, now=NOW).token

    @staticmethod
    def visit(token: str, assignment: str, text: str, *, at: datetime = NOW) -> VisitSaved | None:
        def read(visitor: FormVisitor, assigned: AssignedForm) -> tuple[Page, Author] | None:
            assert visitor.patient == assigned.patient.public_id
            if assigned.response is None or not text:
                return None
            answers = {"where": words(text)}
            return Page(assignment, "", 1, assigned.response.version, answers), ANA

        return save_visit(token=token, assignment=assignment, read=read, now=at)

    def test_keeps_the_answers_and_that_the_session_is_in_use(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        token = self.come_in(assignment)
        save(assignment, {"hurts": YES}, form=form)
        times = [NOW + timedelta(seconds=seconds) for seconds in (30, 61, 90)]
        seen = []
        for number, at in enumerate(times):
            done = self.visit(token, assignment, f"hip {number}", at=at)
            assert done is not None
            assert done.assigned.response is not None
            assert done.saved.version == number + 2
            assert answers_of(done.assigned.response) == {
                "hurts": YES,
                "where": words(f"hip {number}"),
            }
            seen.append(stored(FormSession).last_seen_at)
        assert seen == [NOW, times[1], times[1]]
        assert stored().version == 4
        assert len(list_changes(response_id=stored().id, since=0)) == 4

    def test_changes_nothing_for_whom_it_cannot_let_in(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        token = self.come_in(assignment)
        assert self.visit(token, assignment, "not begun") is None
        save(assignment, {"hurts": YES}, form=form)
        other = ask(add_patient(given="Bea"))
        stranger = self.come_in(other)
        idle = NOW + timedelta(minutes=31)
        assert self.visit(stranger, assignment, "hers") is None
        assert self.visit("no-such-token", assignment, "nobody's") is None
        assert self.visit(token, assignment, "too late", at=idle) is None
        assert self.visit(token, assignment, "") is None
        assert self.visit(token, "no id!", "nothing") is None
        assert stored().version == 1

    def test_sees_the_rows_as_the_session_does(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        token = self.come_in(assignment)
        save(assignment, {"hurts": YES}, form=form)
        done = self.visit(token, assignment, "left hip")
        assert done is not None
        found = get_assigned(public_id=assignment)
        for name in ("assignment", "questionnaire", "patient", "response", "version"):
            seen, read = getattr(done.assigned, name), getattr(found, name)
            columns = [one.key for one in inspect(type(read)).column_attrs if not one.deferred]
            assert type(seen) is type(read)
            assert {key: getattr(seen, key) for key in columns} == {
                key: getattr(read, key) for key in columns
            }
        with pytest.raises(DetachedInstanceError):
            assert done.assigned.version is None or done.assigned.version.definition

    def test_refuses_what_was_handed_in(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        token = self.come_in(assignment)
        saved = save(assignment, {"hurts": NO}, form=form)
        complete(saved.response, saved.version)
        with pytest.raises(FormClosed):
            self.visit(token, assignment, "left hip")


class TestCompleteResponse:
    def test_refuses_a_blank_form_by_its_questions(self, asked: tuple[str, str]) -> None:  # F1
        assignment, form = asked
        saved = save(assignment, {}, form=form)
        with pytest.raises(IntakeIncomplete) as refused:
            complete(saved.response, saved.version)
        assert [(f.link_id, f.section) for f in refused.value.faults] == [("hurts", 1)]
        assert stored().status == "in-progress"

    def test_drops_what_does_not_count(self, asked: tuple[str, str]) -> None:  # F2
        assignment, form = asked
        first = save(assignment, {"hurts": YES, "where": words("hip")}, form=form)
        second = save(assignment, {"hurts": NO}, form=form, base=first.version)
        sha256 = complete(second.response, second.version)
        made = stored(ResponseVersion)
        kept = json.loads(made.answers)
        assert "where" not in json.dumps(kept)
        assert sha256 == made.sha256 == digest(response=kept)
        assert answers_of(stored()) == {"hurts": NO}

    def test_refuses_answers_that_changed_since_they_were_shown(
        self, asked: tuple[str, str]
    ) -> None:
        assignment, form = asked
        first = save(assignment, {"hurts": NO}, form=form)
        save(assignment, {"words": words("more")}, form=form, section=2, base=first.version)
        with pytest.raises(ChangedElsewhere):
            complete(first.response, first.version)

    def test_ends_saving(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        first = save(assignment, {"hurts": NO}, form=form)
        complete(first.response, first.version)
        with pytest.raises(FormClosed):
            save(assignment, {"hurts": YES}, form=form, base=first.version)
        with pytest.raises(FormClosed):
            complete(first.response, first.version + 1)


class TestAmendResponse:
    def test_adds_a_version_beside_the_first(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        first = save(assignment, {"hurts": NO}, form=form)
        complete(first.response, first.version)
        amend_response(
            response=first.response,
            answers={"hurts": YES, "where": words("hip")},
            reason="told at the visit",
            author=ANA,
            now=NOW,
        )
        rows = db.session.query(ResponseVersion).order_by(ResponseVersion.number).all()
        assert [(row.number, row.status, row.reason) for row in rows] == [
            (1, "completed", None),
            (2, "amended", "told at the visit"),
        ]


class TestTheDatabase:
    def test_ties_a_response_to_its_form(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        save(assignment, {"hurts": YES}, form=form)
        with pytest.raises((DBAPIError, IntegrityError), match="stays with"):
            db.session.execute(text("UPDATE responses SET canonical = 'x|2'"))
        db.session.rollback()

    def test_changes_no_version_that_was_active(self, asked: tuple[str, str]) -> None:
        for change in ("definition = '{}'", "status = 'draft'", "version = '9'"):
            with pytest.raises(DBAPIError, match="does not change"):
                db.session.execute(text(f"UPDATE questionnaire_versions SET {change}"))  # noqa: S608
            db.session.rollback()

    def test_knows_no_word_of_an_answer(self, asked: tuple[str, str]) -> None:
        assignment, form = asked
        first = save(assignment, {"hurts": YES, "where": words("CanaryWord")}, form=form)
        complete(first.response, first.version)
        for table in ("responses", "response_changes", "response_versions", "audit_entries"):
            for row in db.session.execute(text(f"SELECT * FROM {table}")):  # noqa: S608
                assert "CanaryWord" not in repr(tuple(row))
        assert "CanaryWord" in (stored(Response).answers or "")
