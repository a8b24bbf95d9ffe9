"""Triage at the desk: times are offered and held, clinicians asked, requests turned and joined."""

from typing import Any

import pytest
from flask import Flask

from clinic.core.values import Role
from clinic.scheduling.operations.refusals import NotLicensed
from clinic.scheduling.operations.requests import Step, withdraw_request
from clinic.scheduling.rules.requests import Advice, Modality, RequestStatus, Urgency
from tests.integration.scheduling_pages.test_request_queue import (
    ask,
    path_of,
    signed_in,
    state_of,
    times_on,
)
from tests.support.page_client import PageClient
from tests.support.page_clinic import CLINIC, KIM, NOW, load, slot_value
from tests.support.pages import Form, Page

VIDEO: dict[str, Any] = {
    "modality": Modality.TELEHEALTH,
    "state": "NY",
    "zone": "America/Los_Angeles",
    "times": (),
}
UNTIL_TUESDAY = CLINIC.replace('kind = "PT"\n[[', 'kind = "PT"\nvalid_to = 2026-03-03\n[[', 1)
THREE = [slot_value(f"2026-03-04 {hour}:00", "okafor", "main") for hour in ("10", "11", "12")]


@pytest.fixture
def desk(clinic: Flask, pages: PageClient) -> PageClient:
    """The front desk, signed in."""
    return signed_in(clinic, pages, Role.FRONT_DESK)


def times_form(page: Page) -> Form:
    """The form with the free times; the offered ones have forms of their own."""
    return [one for one in page.forms if one.action.endswith("/schedule")][-1]


class TestOffer:
    def test_holds_the_ticked_times_until_other_ones_are_offered(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        asked = ask(clinic, **VIDEO)
        page = desk.get(path_of(asked))
        assert "for the patient" in page.text
        assert "(PST)" in page.text
        offer, form = f"{path_of(asked)}/offer", times_form(page)
        page = desk.post(offer, {**form.values, "offer": THREE})
        assert "times are offered and held" in page.text
        assert "Pat1" in desk.get("/desk/requests?show=answered").text
        found = state_of(clinic, asked)
        assert (found.status, len(found.offers)) == (RequestStatus.OFFERED, 3)
        page = desk.get(path_of(asked))
        assert "held until" in page.text
        other = path_of(ask(clinic, 2, **VIDEO))
        form = times_form(desk.get(other))
        taken = desk.post(f"{other}/offer", {**form.values, "offer": THREE[:1]}, status=409)
        assert "Wed, Mar 4, 10:00 AM has just been taken." in taken.text
        form = times_form(desk.get(path_of(asked)))
        desk.post(f"{path_of(asked)}/schedule", {**form.values, "slot": THREE[1]})
        assert state_of(clinic, asked).status is RequestStatus.SCHEDULED
        form = times_form(desk.get(other))
        desk.post(f"{other}/offer", {**form.values, "offer": THREE[:1]})
        assert state_of(clinic, ask(clinic, 2, **VIDEO)).status is RequestStatus.REQUESTED

    @pytest.mark.parametrize("ticked", [[], [*THREE, THREE[0][:-1]], ["x"], [*THREE, "1|okafor|"]])
    def test_of_no_time_or_too_many_is_told_and_keeps_what_was_ticked(
        self, clinic: Flask, desk: PageClient, ticked: list[str]
    ) -> None:
        asked = ask(clinic, **VIDEO)
        form = times_form(desk.get(path_of(asked)))
        page = desk.post(f"{path_of(asked)}/offer", {**form.values, "offer": ticked}, status=422)
        assert "Tick one to 3 times" in page.text
        assert state_of(clinic, asked).status is RequestStatus.REQUESTED

    def test_shows_only_times_that_a_licence_of_that_day_covers(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        with clinic.app_context():
            load(UNTIL_TUESDAY)
        asked = ask(clinic, **VIDEO)
        page = desk.get(path_of(asked))
        days = {word for word in ("Mon, Mar 2", "Tue, Mar 3", "Wed, Mar 4") if word in page.text}
        assert times_on(page)
        assert "Wed, Mar 4" not in days
        form = times_form(page)
        for act, name in (("offer", "offer"), ("schedule", "slot")):
            values = {**form.values, name: THREE[:1]}
            page = desk.post(f"{path_of(asked)}/{act}", values, status=422)
            assert NotLicensed.message in page.text
        other = ask(clinic, 2, **{**VIDEO, "state": "CA"})
        assert not times_on(desk.get(path_of(other)))


class TestOpinion:
    def test_is_asked_by_the_desk_and_given_in_place(
        self, clinic: Flask, desk: PageClient, pages: PageClient
    ) -> None:
        asked = ask(clinic, **VIDEO)
        page = desk.get(path_of(asked))
        assert "Say what you think" not in page.text
        assert "What they told" not in page.text
        page = desk.submit({"question": " "}, action=f"{path_of(asked)}/question", status=422)
        assert "Write what you want to know." in page.text
        page = desk.submit({"question": "Video enough?"}, action=f"{path_of(asked)}/question")
        assert "a clinician is asked" in page.text
        assert "Clinician asked" in page.text
        clinician = signed_in(clinic, PageClient(clinic), Role.CLINICIAN)
        page = clinician.get(path_of(asked))
        assert "What they told" in page.text
        assert "Video enough?" in page.text
        said = {"opinion": "Yes, but ask about the knee.", "advice": "video"}
        clinician.submit(said, action=f"{path_of(asked)}/opinion")
        found = state_of(clinic, asked).opinion
        assert found is not None
        assert (found.opinion, found.advice) == (said["opinion"], Advice.VIDEO)
        assert "Clinician answered" in desk.get("/desk/requests").text
        page = desk.get(path_of(asked))
        for words in ("Yes, but ask about the knee.", "Book by video"):
            assert words in page.text
        form = page.form(f"{path_of(asked)}/question")
        desk.post(f"{path_of(asked)}/opinion", {**form.values, "opinion": "Me too"}, status=403)


class TestTurn:
    def test_leads_to_the_other_kind_and_back(self, clinic: Flask, desk: PageClient) -> None:
        asked = ask(clinic)
        desk.get(path_of(asked))
        page = desk.submit({}, action=f"{path_of(asked)}/turn", status=422)
        assert "Say in which state" in page.text
        page = desk.submit({"state": "NY"}, action=f"{path_of(asked)}/turn")
        assert "It is a request for the other kind now." in page.text
        assert "by video, in New York" in page.text
        assert "Video, NY" in desk.get("/desk/requests").text
        desk.get(path_of(asked))
        page = desk.submit({}, action=f"{path_of(asked)}/turn")
        assert "by video, in" not in page.text
        assert state_of(clinic, asked).modality is Modality.IN_PERSON


class TestMerge:
    def test_leaves_one_of_two_requests_of_a_person(self, clinic: Flask, desk: PageClient) -> None:
        first, second = ask(clinic), ask(clinic, reason="And my knee.")
        page = desk.get(path_of(first))
        assert "They asked more than once" in page.text
        page = desk.submit({}, action=f"{path_of(second)}/merge")
        assert page.path.startswith(path_of(first))
        assert "And my knee." in page.text
        assert "lives on" in page.text
        assert state_of(clinic, second).merged_into == first.public_id
        assert "Go to the one that lives on" in desk.get(path_of(second)).text
        assert "Joined with another" in desk.get("/desk/requests?show=closed").text

    def test_is_refused_for_two_people(self, clinic: Flask, desk: PageClient) -> None:
        first, other = ask(clinic), ask(clinic, 2)
        form = times_form(desk.get(path_of(first)))
        values = {**form.values, "version": "", "into": other.public_id}
        page = desk.post(f"{path_of(first)}/merge", values, status=409)
        assert "different people" in page.text


class TestUrgency:
    def test_moves_a_request_in_the_queue(self, clinic: Flask, desk: PageClient) -> None:
        ask(clinic, 1)
        later = ask(clinic, 2)
        desk.get(path_of(later))
        page = desk.submit({"urgency": "1"}, action=f"{path_of(later)}/urgency")
        assert "The urgency is changed" in page.text
        found = state_of(clinic, later)
        assert (found.urgency, found.due_at) < (Urgency.SOON, later.due_at)
        page = desk.get("/desk/requests")
        assert page.text.index("Pat2") < page.text.index("Pat1")
        assert "Urgent" in page.text
        desk.get(path_of(later))
        desk.submit({"urgency": "9"}, action=f"{path_of(later)}/urgency", status=422)


class TestWithdrawnMeanwhile:
    @pytest.mark.parametrize(
        ("act", "values"),
        [
            ("offer", {"offer": THREE[:1]}),
            ("question", {"question": "What now?"}),
            ("turn", {"state": "NY"}),
            ("urgency", {"urgency": "1"}),
        ],
    )
    def test_is_told_and_changes_nothing(
        self, clinic: Flask, desk: PageClient, act: str, values: dict[str, Any]
    ) -> None:
        asked = ask(clinic)
        form = times_form(desk.get(path_of(asked)))
        with clinic.app_context():
            withdraw_request(step=Step(public_id=asked.public_id, actor=KIM, now=NOW))
        for version, status in (("1", 412), ("2", 409)):
            sent = {**form.values, "version": version, **values}
            page = desk.post(f"{path_of(asked)}/{act}", sent, status=status)
            assert "The patient took the request back." in page.text
        assert state_of(clinic, asked).status is RequestStatus.WITHDRAWN
