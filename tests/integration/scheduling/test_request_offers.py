"""Times that are offered for a request, and what else a request goes through, on both engines."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.errors import Forbidden, Invalid, NotFound
from clinic.core.values import PUBLIC, Actor, Interval, Role
from clinic.messaging.models import Message
from clinic.scheduling.models import Claim, Hold
from clinic.scheduling.operations.refusals import (
    NotLicensed,
    OfferOver,
    OtherPatient,
    RequestChanged,
    SlotTaken,
    WrongRequestState,
)
from clinic.scheduling.operations.requests import (
    Step,
    answer_request,
    decline_request,
    request_visit,
    schedule_request,
)
from clinic.scheduling.operations.requests.offers import (
    choose_offer,
    lapse_offers,
    offer_times,
    retract_offers,
)
from clinic.scheduling.operations.requests.talk import (
    ask_opinion,
    give_opinion,
    reply_to_request,
    set_urgency,
)
from clinic.scheduling.operations.requests.turning import merge_request, turn_request
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.requests import (
    RequestedVisit,
    get_request,
    list_open_requests_of,
    list_request_steps,
)
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.requests import Advice, Modality, RequestStatus, Urgency
from tests.integration.scheduling.a_clinic import CLINIC, FRONT_DESK, NOW, load, local, person

CLINICIAN = Actor(kind="staff", name="Sam Ito", id="sam", role=Role.CLINICIAN)
TEN, ELEVEN = local("2026-03-03 10:00"), local("2026-03-03 11:00")


@pytest.fixture
def clinic(in_app: Flask) -> Flask:
    load()
    return in_app


def ask(who: int = 1, **changes: Any) -> RequestedVisit:
    asked = {
        "modality": Modality.TELEHEALTH,
        "reason": "My hip hurts when I run.",
        "state": "NY",
        "zone": "America/Los_Angeles",
        **changes,
    }
    return request_visit(wish=RequestWish(**asked), patient=person(who), actor=PUBLIC, now=NOW)


def step(request: RequestedVisit, *, actor: Actor = FRONT_DESK, **more: Any) -> Step:
    return Step(**{"public_id": request.public_id, "actor": actor, "now": NOW, **more})


def video(start: Any) -> Wish:
    return Wish(service="video", starts_at=start, practitioner="p")


def offered(who: int = 1, *starts: Any, **changes: Any) -> RequestedVisit:
    times = [video(start) for start in starts or (TEN, ELEVEN)]
    return offer_times(step=step(ask(who, **changes)), wishes=times)


def mails() -> list[str]:
    return [one.kind for one in db.session.scalars(select(Message).order_by(Message.id))]


def patient(request: RequestedVisit) -> Actor:
    return Actor(kind="patient", name="Pat", id=request.patient)


class TestOfferTimes:
    def test_holds_each_for_the_patient(self, clinic: Flask) -> None:
        found = offered()
        assert found.status is RequestStatus.OFFERED
        assert [one.starts_at for one in found.offers] == [TEN, ELEVEN]
        assert found.first_answered_at == NOW
        assert mails()[-1] == "request-offered"
        for start in (TEN, ELEVEN):
            with pytest.raises(SlotTaken):
                schedule_request(step=step(ask(2)), wish=video(start))

    def test_holds_all_or_none(self, clinic: Flask) -> None:
        offered(1, ELEVEN)
        other = ask(2)
        with pytest.raises(SlotTaken) as refused:
            offer_times(step=step(other), wishes=[video(TEN), video(ELEVEN)])
        assert refused.value.starts_at == ELEVEN
        assert refused.value.alternatives
        assert get_request(other.public_id).status is RequestStatus.REQUESTED
        assert schedule_request(step=step(other), wish=video(TEN)).visit

    def test_lets_the_earlier_ones_go(self, clinic: Flask) -> None:
        found = offered()
        late = local("2026-03-03 14:00")
        again = offer_times(step=step(found), wishes=[video(late)])
        assert [one.starts_at for one in again.offers] == [late]
        assert schedule_request(step=step(ask(2)), wish=video(TEN)).visit

    def test_is_done_once_by_a_double_click(self, clinic: Flask) -> None:
        found = offered()
        again = offer_times(step=step(found), wishes=[video(TEN), video(ELEVEN)])
        assert again.version == found.version
        assert mails().count("request-offered") == 1

    @pytest.mark.parametrize("starts", [[], [TEN, TEN], [TEN, ELEVEN, TEN, ELEVEN]])
    def test_refuses_none_twice_and_too_many(self, clinic: Flask, starts: list[Any]) -> None:
        found = ask()
        with pytest.raises(Invalid):
            offer_times(step=step(found), wishes=[video(one) for one in starts])

    def test_refuses_whoever_is_not_licensed_there(self, clinic: Flask) -> None:
        with pytest.raises(NotLicensed):
            offer_times(step=step(ask(state="CA")), wishes=[video(TEN)])

    def test_is_let_go_by_every_other_answer(self, clinic: Flask) -> None:
        first, second = offered(1, TEN), offered(2, ELEVEN)
        third = offered(3, local("2026-03-03 14:00"))
        answer_request(step=step(first), message="Please call us.")
        decline_request(step=step(second), reason="We are full.")
        reply_to_request(step=step(third, actor=patient(third)), message="Later, please.")
        db.session.expire_all()
        assert db.session.scalar(select(Claim.id).where(Claim.expires_at.is_not(None))) is None
        assert [get_request(one.public_id).offers for one in (first, second, third)] == [()] * 3


class TestChooseOffer:
    def test_books_it_and_frees_the_others(self, clinic: Flask) -> None:
        found = offered()
        chosen = found.offers[1]
        done = choose_offer(step=step(found, actor=patient(found)), offer=chosen.public_id)
        visit = get_visit(done.visit or "")
        assert (done.status, visit.starts_at) == (RequestStatus.SCHEDULED, ELEVEN)
        assert (visit.patient_state, visit.patient_zone) == ("NY", "America/Los_Angeles")
        assert "request-scheduled" in mails()
        assert "visit-booked" not in mails()
        assert schedule_request(step=step(ask(2)), wish=video(TEN)).visit
        again = choose_offer(step=step(found, actor=patient(found)), offer=chosen.public_id)
        assert again.version == done.version

    def test_refuses_a_time_that_is_no_longer_held(self, clinic: Flask) -> None:
        found = offered()
        late = NOW + timedelta(days=3)
        with pytest.raises(OfferOver):
            choose_offer(step=step(found, now=late), offer=found.offers[0].public_id)
        assert lapse_offers(now=late) == 1
        stands = get_request(found.public_id)
        assert (stands.status, stands.offers) == (RequestStatus.REQUESTED, ())
        assert stands.due_at > late
        assert mails()[-1] == "request-lapsed"
        assert lapse_offers(now=late) == 0

    def test_refuses_when_the_licence_ended_between(self, clinic: Flask) -> None:
        found = offered()
        ended = CLINIC.replace('kind = "PT"\n', 'kind = "PT"\nvalid_to = 2026-03-02\n', 1)
        load(ended)
        with pytest.raises(NotLicensed):
            choose_offer(step=step(found), offer=found.offers[0].public_id)
        assert get_request(found.public_id).status is RequestStatus.OFFERED

    def test_refuses_the_offers_of_others_and_of_closed_requests(self, clinic: Flask) -> None:
        first, second = offered(1, TEN), offered(2, ELEVEN)
        with pytest.raises(NotFound):
            choose_offer(step=step(first), offer=second.offers[0].public_id)
        decline_request(step=step(first), reason="We are full.")
        with pytest.raises(WrongRequestState):
            choose_offer(step=step(first), offer=first.offers[0].public_id)


class TestScheduleRequest:
    def test_keeps_the_second_of_two_for_one_time_waiting(self, clinic: Flask) -> None:  # R4
        first, second = ask(1), ask(2)
        assert schedule_request(step=step(first), wish=video(TEN)).visit
        with pytest.raises(SlotTaken):
            schedule_request(step=step(second), wish=video(TEN))
        assert get_request(second.public_id).status is RequestStatus.REQUESTED

    def test_books_what_was_offered_to_the_same_person(self, clinic: Flask) -> None:
        found = offered()
        done = schedule_request(step=step(found), wish=video(TEN))
        assert done.status is RequestStatus.SCHEDULED
        held = select(Hold.id).where(Hold.released_at.is_(None), Hold.appointment_id.is_(None))
        assert db.session.scalar(held) is None


class TestTalk:
    def test_goes_back_and_forth(self, clinic: Flask) -> None:
        found = answer_request(step=step(ask()), message="Can you come on Monday?")
        found = reply_to_request(step=step(found, actor=patient(found)), message="On Tuesday.")
        assert (found.status, found.reply) == (RequestStatus.REQUESTED, "On Tuesday.")
        same = reply_to_request(step=step(found, actor=patient(found)), message="On Tuesday.")
        assert same.version == found.version
        story = [(one.step, one.words) for one in list_request_steps(found.request_id)]
        assert story[1:] == [
            ("answered", "Can you come on Monday?"),
            ("replied", "On Tuesday."),
        ]

    def test_asks_and_gives_an_opinion(self, clinic: Flask) -> None:
        found = ask_opinion(step=step(ask()), question="By video?")
        assert found.opinion is not None
        assert (found.opinion.is_open, found.opinion.question) == (True, "By video?")
        with pytest.raises(Forbidden):
            give_opinion(step=step(found), opinion="Yes.")
        told = give_opinion(
            step=step(found, actor=CLINICIAN), opinion="Yes, at once.", advice=Advice.VIDEO
        )
        assert told.opinion is not None
        assert (told.opinion.opinion, told.opinion.advice) == ("Yes, at once.", Advice.VIDEO)
        assert told.status is RequestStatus.REQUESTED
        with pytest.raises(RequestChanged):
            set_urgency(step=step(told, version=found.version), urgency=Urgency.URGENT)
        assert set_urgency(step=step(told), urgency=Urgency.URGENT).urgency is Urgency.URGENT


class TestTurnRequest:
    def test_makes_it_one_of_the_other_kind(self, clinic: Flask) -> None:
        found = turn_request(step=step(offered()), modality=Modality.IN_PERSON)
        assert (found.modality, found.status, found.offers) == (
            Modality.IN_PERSON,
            RequestStatus.REQUESTED,
            (),
        )
        assert mails()[-1] == "request-turned"
        assert turn_request(step=step(found), modality=Modality.TELEHEALTH).state == "NY"

    def test_needs_the_state_for_a_video_visit(self, clinic: Flask) -> None:
        found = ask(modality=Modality.IN_PERSON, state=None, zone=None)
        with pytest.raises(Invalid):
            turn_request(step=step(found), modality=Modality.TELEHEALTH, state="XX")
        turned = turn_request(step=step(found), modality=Modality.TELEHEALTH, state="NY")
        assert (turned.modality, turned.state) == (Modality.TELEHEALTH, "NY")


class TestMergeRequest:
    def test_lets_one_live_on_with_the_times_of_both(self, clinic: Flask) -> None:
        early, late = (Interval(at, at + timedelta(hours=1)) for at in (TEN, ELEVEN))
        kept, other = ask(times=(early,)), ask(times=(early, late), reason="The hip again.")
        others = list_open_requests_of(patient=kept.patient, besides=kept.public_id)
        assert [one.public_id for one in others] == [other.public_id]
        found = merge_request(step=step(other), into=kept.public_id)
        assert (found.public_id, found.times) == (kept.public_id, (early, late))
        gone = get_request(other.public_id)
        assert (gone.stands, gone.merged_into) == ("merged", kept.public_id)
        assert list_request_steps(found.request_id)[-1].words == "The hip again."
        assert merge_request(step=step(other), into=kept.public_id).version == found.version

    def test_refuses_those_of_two_people_and_closed_ones(self, clinic: Flask) -> None:
        kept, other = ask(1), ask(2)
        with pytest.raises(OtherPatient):
            merge_request(step=step(other), into=kept.public_id)
        mine = ask(1, reason="Once more.")
        decline_request(step=step(kept), reason="We are full.")
        with pytest.raises(WrongRequestState):
            merge_request(step=step(mine), into=kept.public_id)


class TestTakingBack:
    def test_frees_the_times_and_tells_who_has_heard_of_them(self, clinic: Flask) -> None:
        for minutes, told in ((0, 0), (5, 1)):
            request = offered(minutes + 1)
            later = NOW + timedelta(minutes=minutes)
            for _ in range(2):
                back = retract_offers(step=step(request, now=later))
                assert (back.status, back.offers) == (RequestStatus.REQUESTED, ())
            assert kinds().count("request-lapsed") == told
            story = [one.step for one in list_request_steps(request.request_id)]
            assert story == ["requested", "offered", "retracted"]
        answer_request(step=step(request), message="Monday, we hope.")
        offer_times(step=step(request), wishes=[video(TEN)])
        assert retract_offers(step=step(request)).status is RequestStatus.ANSWERED
        decline_request(step=step(request), reason="No.")
        with pytest.raises(WrongRequestState):
            retract_offers(step=step(request))


def kinds() -> list[str]:
    return list(db.session.scalars(select(Message.kind)))
