"""Forms are filled in on pages: by a link, without a script, by whoever may and nobody else."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.values import PUBLIC
from clinic.intake.library import definition
from clinic.intake.models import KeptPage
from clinic.intake.operations.completing import complete_response
from clinic.intake.operations.links import remove_stale_form_sessions
from clinic.intake.operations.refusals import SafetyOutdated
from clinic.intake.operations.safety.handling import close_event, mark_read
from clinic.intake.queries.responses import answers_of, get_assigned, list_changes
from clinic.intake.queries.safety.queue import list_queue
from clinic.intake.rules.alarms import Outcome
from tests.integration.intake.conftest import come_in, new_link
from tests.integration.intake.dangers import SADDLE, SAM, Telling, publish_symptoms
from tests.integration.intake.ground import (
    ANA,
    NOW,
    add_patient,
    ask,
    group,
    publish,
    question,
    small_form,
)
from tests.support.page_client import PageClient


@pytest.fixture
def ana(clinic: Flask) -> tuple[str, str, PageClient]:
    """A patient, her open form, and her browser."""
    with clinic.app_context():
        publish(small_form())
        patient = add_patient()
        assignment = ask(patient)
    return patient, assignment, come_in(clinic, patient)


def answers(clinic: Flask, assignment: str) -> dict[str, list[object]]:
    with clinic.app_context():
        response = get_assigned(public_id=assignment).response
        assert response is not None
        return answers_of(response)


class TestFilling:
    def test_goes_from_the_list_to_thank_you(
        self, clinic: Flask, ana: tuple[str, str, PageClient]
    ) -> None:
        _patient, assignment, browser = ana
        assert "Small form" in browser.page.html
        path = f"/intake/forms/{assignment}"
        browser.get(f"{path}/1")
        page = browser.submit({"q1": "0", "do": "next"}, action=f"{path}/1")
        assert page.path == f"{path}/1?new=1"  # "where" is asked now
        page = browser.submit({"q2": "left hip", "do": "next"}, action=f"{path}/1")
        assert page.path == f"{path}/2"
        page = browser.submit({"q4": "0", "do": "next"}, action=f"{path}/2")
        assert page.path == f"{path}/check"
        assert "left hip" in page.html
        page = browser.submit(action=f"{path}/check")
        assert page.path == f"{path}/sent"
        assert answers(clinic, assignment)["much"] == [{"valueInteger": 0}]
        assert browser.get(f"{path}/1").path == f"{path}/sent"

    def test_refuses_a_blank_page_and_a_blank_form_by_the_field(
        self, clinic: Flask, ana: tuple[str, str, PageClient]
    ) -> None:  # F1
        _patient, assignment, browser = ana
        path = f"/intake/forms/{assignment}"
        browser.get(f"{path}/1")
        page = browser.submit({"do": "next"}, action=f"{path}/1", status=422)
        assert page.title.startswith("Error: ")
        assert 'href="#q1"' in page.html
        browser.get(f"{path}/check")
        page = browser.submit(action=f"{path}/check", status=422)
        assert 'href="#row-q1"' in page.html
        with clinic.app_context():
            assert get_assigned(public_id=assignment).is_open

    def test_keeps_what_was_typed_wrong(
        self, clinic: Flask, ana: tuple[str, str, PageClient]
    ) -> None:
        _patient, assignment, browser = ana
        path = f"/intake/forms/{assignment}"
        browser.get(f"{path}/2")
        page = browser.submit(
            {"q4": "three", "q5": "<b>words</b>", "do": "next"}, action=f"{path}/2", status=422
        )
        assert page.form(f"{path}/2").values["q4"] == ["three"]
        assert "&lt;b&gt;words" in page.html
        assert answers(clinic, assignment) == {"words": [{"valueString": "<b>words</b>"}]}

    def test_tells_what_a_changed_answer_removes(
        self, clinic: Flask, ana: tuple[str, str, PageClient]
    ) -> None:  # F2
        _patient, assignment, browser = ana
        path = f"/intake/forms/{assignment}"
        browser.get(f"{path}/1")
        browser.submit({"q1": "0", "do": "next"}, action=f"{path}/1")
        browser.submit({"q2": "hip", "do": "next"}, action=f"{path}/1")
        browser.get(f"{path}/1")
        page = browser.submit({"q1": "1", "do": "next"}, action=f"{path}/1")
        assert "will not be sent" in page.html
        assert "What about where?" in page.html

    def test_tells_a_script_what_the_page_asks_after_each_save(
        self, clinic: Flask, ana: tuple[str, str, PageClient]
    ) -> None:
        _patient, assignment, browser = ana
        path = f"/intake/forms/{assignment}/1"
        kept = {name: listed[0] for name, listed in browser.get(path).form(path).values.items()}
        told = []
        for base, typed in enumerate([{"q1": "0"}, {"q1": "0", "q2": "hip"}, {"q1": "1"}]):
            sent = {**kept, "base": str(base), "shown": "q1,q2", **typed}
            answer = browser.client.post(path, data=sent, headers={"X-Saving": "saving"})
            told.append(answer.get_json())
        assert [(one["shown"], one["off"]) for one in told] == [
            ("q1,q2", []),
            ("q1,q2", []),
            ("q1", ["q2"]),
        ]
        assert [one["version"] for one in told] == [1, 2, 3]
        assert {one["said"] for one in told} == {"Saved at 10:00 AM."}
        late = {**kept, "base": "2", "shown": "q1,q2", "q1": "0", "q2": "knee"}
        answer = browser.client.post(path, data=late, headers={"X-Saving": "saving"}).get_json()
        assert "another device" in answer["conflicts"][0]

    def test_leaves_to_another_device_what_a_script_never_touched_however_often_it_saves(
        self, clinic: Flask, ana: tuple[str, str, PageClient]
    ) -> None:
        _patient, assignment, browser = ana
        path = f"/intake/forms/{assignment}/1"
        kept = {name: listed[0] for name, listed in browser.get(path).form(path).values.items()}
        kept |= {"shown": "q1,q2", "q1": "0"}

        def type_in(base: object, where: str, hurts: str = "0") -> Any:
            sent = {**kept, "base": str(base), "q2": where, "q1": hurts}
            return browser.client.post(path, data=sent, headers={"X-Saving": "saving"}).get_json()

        first = type_in(0, "here")["base"]
        type_in(first, "hip")  # the phone
        laptop = first
        for _again in range(2):  # the laptop still shows what stood there
            told = type_in(laptop, "here")
            laptop = told["base"]
            assert told["conflicts"] == []
        assert "another device" in type_in(laptop, "knee")["conflicts"][0]
        assert browser.get(path).form(path).values["q2"] == ["hip"]

    def test_tells_the_later_of_two_devices_and_keeps_both(
        self, clinic: Flask, ana: tuple[str, str, PageClient]
    ) -> None:
        patient, assignment, phone = ana
        path = f"/intake/forms/{assignment}/2"
        laptop = come_in(clinic, patient)
        phone.get(path)
        laptop.get(path)
        phone.submit({"q5": "from the phone", "do": "next"}, action=path)
        page = laptop.submit({"q5": "from the laptop", "do": "next"}, action=path, status=409)
        assert "from the phone" in page.html
        assert "from the laptop" in page.html
        laptop.submit({"do": "next"}, action=path)
        assert answers(clinic, assignment)["words"] == [{"valueString": "from the laptop"}]

    def test_goes_on_after_the_session_ended(
        self, clinic: Flask, set_clock: Callable[[datetime], None]
    ) -> None:  # F3
        with clinic.app_context():
            publish(small_form(items=[group(f"g{n}", question(f"a{n}")) for n in range(3)]))
            patient = add_patient()
            assignment = ask(patient)
        browser, path = come_in(clinic, patient), f"/intake/forms/{assignment}"
        for number in (1, 2):
            browser.get(f"{path}/{number}")
            typed = {f"q{2 * number - 1}": f"answer {number}", "do": "next"}
            browser.submit(typed, action=f"{path}/{number}")
        set_clock(NOW + timedelta(minutes=31))
        assert browser.get(f"{path}/3").path == "/intake"
        again = come_in(clinic, patient)
        assert f'class="btn" href="{path}/3"' in again.get(path).html
        for number in (1, 2):
            shown = again.get(f"{path}/{number}").form(f"{path}/{number}").values
            assert shown[f"q{2 * number - 1}"] == [f"answer {number}"]

    def test_keeps_what_was_typed_on_a_page_that_was_open_over_lunch(
        self, clinic: Flask, set_clock: Callable[[datetime], None]
    ) -> None:  # F3, F8
        with clinic.app_context():
            publish(small_form())
            patient = add_patient(born=date(2015, 6, 1))
            assignment = ask(patient)
        browser = come_in(clinic, patient, born=(6, 1, 2015))
        browser.get("/intake/who")
        browser.submit({"name": "Eva Ruiz", "relation": "parent"})
        path = f"/intake/forms/{assignment}/1"
        assert "For Ana" in browser.get(path).text
        mark = browser.page.form(path).values["keep"][0]
        with clinic.app_context():
            remove_stale_form_sessions(now=NOW + timedelta(minutes=90))
        set_clock(NOW + timedelta(minutes=90))
        sent = {"q1": "0", "q2": "left hip", "shown": "q1,q2", "do": "next"}
        page = browser.submit(sent, action=path, status=401)
        assert page.h1 == "Enter the date of birth once more"
        token = page.form(path).values["csrf_token"][0]
        saving = {"X-Saving": "saving"}
        script = browser.client.post(path, data={**sent, "csrf_token": token}, headers=saving)
        assert script.status_code == 401
        wrong = dict(zip(("month", "day", "year"), ["6", "2", "2015"], strict=True))
        proof = {f"birth_date-{part}": typed for part, typed in wrong.items()}
        page = browser.submit(proof, action=path, status=422)
        assert "left hip" in page.html
        page = browser.submit({"birth_date-day": "1"}, action=path)
        assert page.path == f"/intake/forms/{assignment}/2"
        assert answers(clinic, assignment)["where"] == [{"valueString": "left hip"}]
        with clinic.app_context():
            response = get_assigned(public_id=assignment).response
            assert response is not None
            (change,) = list_changes(response_id=response.id, since=0)
            assert (change.source, change.author) == ("guardian", "Eva Ruiz")
        # whoever left is not let in again like that, nor is anybody after half a day
        set_clock(NOW + timedelta(hours=13))
        browser.get("/intake")
        page = browser.page
        assert page.h1 == "Open your forms"
        kept = {**sent, "csrf_token": token}
        assert browser.client.post(path, data=kept).headers["Location"] == "/intake"
        # but a page of ours is kept for whoever comes by a link once more, in the same words
        kept = {**kept, "q1": "1", "keep": mark}
        assert browser.post(path, kept, status=401).h1 == "Open your forms"
        come_in(clinic, patient, born=(6, 1, 2015), browser=browser)
        assert browser.page.path == "/intake?kept=1"
        browser.get("/intake/who")
        page = browser.submit({"name": "Eva Ruiz", "relation": "parent"})
        assert page.path == path
        assert page.form(path).values["q1"] == ["1"]
        browser.post("/intake/leave", {"csrf_token": page.form(path).values["csrf_token"][0]})
        with clinic.app_context():
            assert db.session.scalar(select(func.count()).select_from(KeptPage)) == 0

    def test_adds_and_removes_repetitions(self, clinic: Flask) -> None:
        with clinic.app_context():
            items = [group("top", group("med", question("name"), question("dose"), repeats=True))]
            publish(small_form(items=items))
            patient = add_patient()
            assignment = ask(patient)
        browser, path = come_in(clinic, patient), f"/intake/forms/{assignment}/1"
        browser.get(path)
        browser.submit({"q2-0": "One", "do": "add:q1"}, action=path)
        browser.submit({"q2-1": "Two", "q3-1": "daily", "do": "add:q1"}, action=path)
        browser.submit({"do": "remove:q1-0"}, action=path)
        assert answers(clinic, assignment)["med"] == [
            {"name": [{"valueString": "Two"}], "dose": [{"valueString": "daily"}]}
        ]
        browser.get(path)
        browser.submit({"do": "remove:q1-0"}, action=path)
        assert "med" not in answers(clinic, assignment)

    def test_keeps_what_was_typed_wrongly_when_a_repetition_goes(self, clinic: Flask) -> None:
        with clinic.app_context():
            med = group("med", question("name"), question("since", "integer"), repeats=True)
            publish(small_form(items=[group("top", med)]))
            patient = add_patient()
            assignment = ask(patient)
        browser, path = come_in(clinic, patient), f"/intake/forms/{assignment}/1"
        browser.get(path)
        browser.submit({"q2-0": "One", "do": "add:q1"}, action=path)
        typed = {"q2-1": "Two", "q3-1": "long ago", "do": "remove:q1-0"}
        page = browser.submit(typed, action=path, status=422)
        shown = page.form(path).values
        assert (shown["q2-0"], shown["q3-0"]) == (["Two"], ["long ago"])
        assert 'href="#q3-0"' in page.html
        assert not re.search(r"\bOne\b", page.html)


class TestAccess:
    def test_asks_a_stranger_to_prove_who_they_are(
        self, clinic: Flask, ana: tuple[str, str, PageClient]
    ) -> None:
        _patient, assignment, _browser = ana
        stranger = PageClient(clinic)
        assert stranger.get(f"/intake/forms/{assignment}/1").path == "/intake"

    def test_shows_nobody_anothers_form(
        self, clinic: Flask, ana: tuple[str, str, PageClient]
    ) -> None:  # X1
        patient, assignment, _browser = ana
        with clinic.app_context():
            other = add_patient(given="Bob", born=date(1970, 1, 2))
        browser = come_in(clinic, other, born=(1, 2, 1970))
        for path in ("", "/1", "/check", "/sent"):
            browser.get(f"/intake/forms/{assignment}{path}", status=404)
        with clinic.app_context():
            refused = select(AuditEntry.subject).where(AuditEntry.action == "form.refused")
            assert db.session.scalars(refused).all() == [f"patient:{patient}"] * 4

    def test_closes_a_link_after_five_wrong_birth_dates(
        self, clinic: Flask, ana: tuple[str, str, PageClient]
    ) -> None:
        patient, _assignment, _browser = ana
        with clinic.app_context():
            token = new_link(patient)
        wrong = {"birth_date-month": "1", "birth_date-day": "1", "birth_date-year": "1985"}
        browser = PageClient(clinic)
        browser.get(f"/intake/{token}")
        for _ in range(5):
            browser.submit(wrong, status=422)
        browser.submit({**wrong, "birth_date-month": "5", "birth_date-day": "4"}, status=404)

    def test_asks_who_fills_in_for_a_child_and_puts_it_on_record(self, clinic: Flask) -> None:
        with clinic.app_context():
            publish(small_form())
            child = add_patient(given="Mia", born=date(2015, 6, 1))
            assignment = ask(child)
        browser = come_in(clinic, child, born=(6, 1, 2015))
        path = f"/intake/forms/{assignment}"
        assert browser.get(f"{path}/2").path == "/intake/who"
        browser.submit({"name": "Ana Beltran", "relation": "parent"})
        browser.get(f"{path}/2")
        browser.submit({"q5": "hello", "do": "later"}, action=f"{path}/2")
        with clinic.app_context():
            response = get_assigned(public_id=assignment).response
            assert response is not None
            change = list_changes(response_id=response.id, since=0)[0]
            assert (change.source, change.author) == ("guardian", "Ana Beltran")


class TestSafetyFirst:
    def test_opens_no_other_section_before(self, clinic: Flask) -> None:
        with clinic.app_context():
            publish(definition(name="symptoms"))
            patient = add_patient()
            assignment = ask(patient, slug="symptoms")
        browser, path = come_in(clinic, patient), f"/intake/forms/{assignment}"
        assert browser.get(f"{path}/2").path == path
        browser.get(f"{path}/1")

    def test_is_asked_again_when_its_answers_are_two_weeks_old(
        self, clinic: Flask, set_clock: Callable[[datetime], None]
    ) -> None:
        with clinic.app_context():
            telling = Telling(add_patient(), publish_symptoms())
            response = telling.say(SADDLE).response
            (event,) = list_queue()
            mark_read(events=[event.event], actor=PUBLIC, now=NOW)
            close_event(
                event=event.event, outcome=Outcome.SEEN_HERE, note="Seen.", actor=SAM, now=NOW
            )
        path, later = f"/intake/forms/{telling.assignment}", NOW + timedelta(days=15)
        set_clock(later)
        browser = come_in(clinic, telling.patient)
        assert browser.get(f"{path}/2").path == path
        assert browser.get(f"{path}/check").path == path
        page = browser.get(f"{path}/1")
        assert "Please answer these questions again" in page.text
        assert "checked" not in page.html
        with clinic.app_context():
            with pytest.raises(SafetyOutdated):
                complete_response(response=response, version=1, author=ANA, now=later)
            # The same answers are a save, and the same danger another event: it is true today.
            assert telling.say(SADDLE, now=later).level == "EMERGENCY"
            assert len(list_queue()) == 1
        browser.get(f"{path}/2")


LIBRARY = ("about-you", "health-history", "activity-goals", "nprs", "psfs", "gait-intake")


class TestEveryPageOfTheLibrary:
    def test_stands(self, clinic: Flask) -> None:
        with clinic.app_context():
            patient = add_patient()
            asked = {}
            for name in LIBRARY:
                publish(definition(name=name))
                asked[name] = ask(patient, slug=name)
            sections = {
                name: len(get_assigned(public_id=one).form.root.children)
                for name, one in asked.items()
            }
        browser = come_in(clinic, patient)
        for name, assignment in asked.items():
            browser.get(f"/intake/forms/{assignment}")
            for number in range(1, sections[name] + 1):
                path = f"/intake/forms/{assignment}/{number}"
                answer = browser.client.get(path)
                if answer.status_code == 200:
                    browser.get(path)
                else:
                    assert answer.status_code == 404
