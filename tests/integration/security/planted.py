"""A word planted in every protected field, each by the way its people take."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta

from flask import Flask

from clinic.core.values import PUBLIC, Role
from clinic.desk.operations.merging import merge_patients, stand_as
from clinic.gait.operations.balances import request_balance
from clinic.intake.operations.completing import amend_response, complete_response
from clinic.intake.operations.keeping import keep_page
from clinic.intake.operations.safety.handling import close_event
from clinic.intake.operations.screening import keep_screening
from clinic.intake.operations.signing import SignatureGiven
from clinic.intake.queries.safety.queue import list_queue
from clinic.intake.rules.alarms import Outcome
from clinic.intake.rules.keeping import Kept
from clinic.payments.operations.inbox import Door, set_aside, store_event, take_events
from clinic.payments.operations.orders import pay_at_desk
from clinic.payments.operations.story import settle_task
from clinic.payments.operations.till import Counted, TillDay, close_till, move_cash
from clinic.payments.queries.orders import list_tasks
from clinic.payments.refunding import request_refund
from clinic.payments.rules.facts import EventFacts
from clinic.payments.rules.tasks import Task
from clinic.people.operations import ask_reset
from clinic.people.operations.notes import add_note
from clinic.people.queries import get_patient
from clinic.portal.operations.codes import ask_for_code
from clinic.portal.operations.contact import ask_for_address
from clinic.portal.operations.own_consents import let_decide_alone
from clinic.scheduling.operations.charges import set_charge
from clinic.scheduling.operations.referrals import NewReferral, add_referral
from clinic.scheduling.operations.requests import (
    Step,
    answer_request,
    decline_request,
    request_visit,
)
from clinic.scheduling.operations.requests.talk import ask_opinion, give_opinion, reply_to_request
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.rules.requests import BodyArea, Modality
from clinic.scheduling.rules.status import Action
from clinic.telehealth.operations.rooms import arrive_at_video, set_meeting
from clinic.web.households import Household, Kin
from tests.integration.documents.papers import keep
from tests.integration.intake import dangers
from tests.integration.intake import ground as forms
from tests.integration.intake.signing import Signer
from tests.integration.messaging.outbox import post
from tests.integration.security.doors import bearer, csrf, staff_client
from tests.integration.telehealth.test_video import sign_consent
from tests.support.page_clinic import KIM, NOW, book, person

CANARY = "CanaryZq7"


def plant(app: Flask) -> str:
    """Let everybody say the word where what they say is protected; answers the app's secret."""
    with app.app_context():
        _plant_in_visits()
        _plant_in_notes()
        _plant_in_requests()
        _plant_in_video_requests()
        _plant_in_video_visits()
        _plant_in_referrals()
        _plant_in_merges()
        _plant_in_orders()
        keep(name=f"{CANARY}.jpg")
        _plant_in_forms()
        _plant_in_portal()
        _plant_in_safety()
        post(name=CANARY, email=f"{CANARY}@example.com", code=CANARY)
        ask_for_code(email=f"{CANARY}@example.com", now=NOW)
        ask_reset(email=f"{CANARY}@example.com", now=NOW)
    _plant_in_answers(app)
    return _plant_second_factor(app)


def _plant_in_visits() -> None:
    visit = book("2026-03-03 20:00", who=9, reason=f"{CANARY} override")
    take_step(
        public_id=visit.public_id,
        action=Action.CANCEL,
        actor=KIM,
        now=NOW,
        reason=f"{CANARY} cancellation",
    )


def _plant_in_notes() -> None:
    visit = book("2026-03-04 20:00", who=9, reason="late")
    words = f"{CANARY} wheelchair"
    add_note(patient=visit.patient, kind="alert", words=words, about=None, actor=KIM, now=NOW)


def _plant_in_portal() -> None:
    wish = RequestWish(modality=Modality.IN_PERSON, reason=CANARY)
    grown = request_visit(wish=wish, patient=person(5), actor=PUBLIC, now=NOW)
    kin = Kin(
        patient=grown.patient,
        given_name="Pat5",
        family_name="Example",
        birth_date=person(5).birth_date,
        email=person(5).email,
        phone=None,
    )
    household = Household(
        session="s" * 22,
        email=person(5).email or "",
        birth_date=person(5).birth_date,
        kin=(kin,),
    )
    ask_for_address(household=household, email=f"{CANARY}@example.com", now=NOW)
    young = replace(person(6), birth_date=date(2010, 1, 1))
    asked = request_visit(wish=wish, patient=young, actor=PUBLIC, now=NOW)
    let_decide_alone(
        patient=asked.patient,
        ground="other",
        note=f"{CANARY} note",
        email=None,
        phone=None,
        actor=KIM,
        now=NOW,
    )


def _plant_in_orders() -> None:
    """Why money goes back, what a person notes, and what the payment service says of a buyer."""
    visit = book("2026-03-05 20:00", who=9, reason="late")
    order = request_balance(appointment=visit.public_id, cents=900, actor=KIM, now=NOW)
    pay_at_desk(public_id=order.public_id, method="cash", actor=KIM, now=NOW)
    request_refund(
        public_id=order.public_id, cents=100, reason=f"{CANARY} refund", actor=KIM, now=NOW
    )
    set_charge(public_id=visit.public_id, cents=500, reason=f"{CANARY} charge", actor=KIM, now=NOW)
    till = TillDay(NOW.date(), NOW - timedelta(hours=10), NOW + timedelta(hours=14))
    move_cash(day=till.day, cents=100, reason=f"{CANARY} stamps", actor=KIM, now=NOW)
    counted = Counted(cents=900, banked_cents=0, expected_cents=900, seen=0, note=f"{CANARY} count")
    close_till(till=till, counted=counted, actor=KIM, now=NOW)
    body = json.dumps({"customer_email": f"{CANARY}@example.com"}).encode()
    event = EventFacts(
        event_id="evt_canary",
        kind="checkout.session.completed",
        object_id="cs_canary",
        object_kind="checkout.session",
        api_version=None,
        is_live=False,
        session_id="cs_canary",
        intent_id=None,
        order=None,
    )
    store_event(door=Door(), event=event, body=body, now=NOW)
    set_aside(
        taken=take_events(limit=1, now=NOW)[0], code=Task.UNKNOWN_ORDER, why="unknown", now=NOW
    )
    task = list_tasks()[0]
    settle_task(public_id=task.public_id, note=f"{CANARY} note", actor=KIM, now=NOW)


def _plant_in_requests() -> None:
    wish = RequestWish(modality=Modality.IN_PERSON, reason=f"{CANARY} hurts", area=BodyArea.HIP)
    answered, declined = (
        request_visit(wish=wish, patient=person(who), actor=PUBLIC, now=NOW) for who in (7, 8)
    )
    step = Step(public_id=answered.public_id, actor=KIM, now=NOW)
    answer_request(step=step, message=f"{CANARY} answer")
    step = Step(public_id=declined.public_id, actor=KIM, now=NOW)
    decline_request(step=step, reason=f"{CANARY} declined")


def _plant_in_video_requests() -> None:
    """Where help is sent to, what is written back, what clinicians are asked and say."""
    wish = RequestWish(
        modality=Modality.TELEHEALTH,
        reason=CANARY,
        state="NY",
        zone="America/New_York",
        emergency_address=f"{CANARY} Road 5",
        emergency_phone=f"{CANARY} 555 0100",
    )
    asked = request_visit(wish=wish, patient=person(10), actor=PUBLIC, now=NOW)
    step = Step(public_id=asked.public_id, actor=KIM, now=NOW)
    ask_opinion(step=step, question=f"{CANARY} question")
    give_opinion(step=replace(step, actor=dangers.SAM), opinion=f"{CANARY} opinion")
    answer_request(step=step, message=f"{CANARY} answer")
    reply_to_request(step=replace(step, actor=PUBLIC), message=f"{CANARY} reply")


def _plant_in_video_visits() -> None:
    """Where a visit takes place, and where the patient said to be."""
    visit = book("2026-03-02 10:00", service="video", who=11, state="NY", reason="late")
    set_meeting(visit=visit.public_id, address=f"https://meet.example/{CANARY}", actor=KIM, now=NOW)
    sign_consent(visit.patient)
    arrive_at_video(
        visit=visit.public_id,
        state="NY",
        place=f"{CANARY} Road 5",
        phone=f"{CANARY} 555 0100",
        actor=PUBLIC,
        now=NOW,
    )


def _plant_in_referrals() -> None:
    sent = book("2026-03-06 10:00", who=12, reason="late")
    new = NewReferral(referrer=f"Dr. {CANARY}", begins=NOW.date())
    add_referral(patient=sent.patient, new=new, actor=KIM, now=NOW)


def _plant_in_merges() -> None:
    """What a merge keeps of the record that goes; names and addresses are kept as they are."""
    wish = RequestWish(modality=Modality.IN_PERSON, reason=CANARY)
    gone = request_visit(wish=wish, patient=person(13), actor=PUBLIC, now=NOW).patient
    kept = request_visit(wish=wish, patient=person(14), actor=PUBLIC, now=NOW).patient
    merge_patients(
        kept=kept,
        gone=gone,
        from_gone=(),
        looked_at=stand_as(get_patient(public_id=kept), get_patient(public_id=gone)),
        actor=KIM,
        now=NOW,
    )


def _plant_in_forms() -> None:
    """An answer typed, handed in, and amended with a reason."""
    form = forms.publish(forms.small_form())
    said = {"words": [{"valueString": f"{CANARY} words"}], "hurts": [forms.coding("no")]}
    assignment = forms.ask(forms.add_patient())
    saved = forms.save(assignment, said, form=form)
    typed = Kept(assignment, 2, "0" * 32, (("q5", f"{CANARY} typed"),))
    keep_page(kept=typed, tokens=(), now=NOW)
    complete_response(response=saved.response, version=saved.version, author=forms.ANA, now=NOW)
    amend_response(
        response=saved.response, answers=said, reason=f"{CANARY} why", author=forms.ANA, now=NOW
    )


def _plant_in_safety() -> None:
    """The word as an answer that raises an event, and in the note of who closes it."""
    told = dangers.Telling(forms.add_patient(given="Dora"), dangers.publish_symptoms())
    told.say(dangers.SADDLE)
    event = list_queue()[0].event
    outcome = Outcome.SEEN_HERE
    close_event(event=event, outcome=outcome, note=f"{CANARY} note", actor=dangers.SAM, now=NOW)
    signer = Signer(given="Signe", slug="signed")
    signer.sign(SignatureGiven(f"{CANARY} Ruiz", f"{CANARY} I sign.", "en"))
    keep_screening(visitor="v", answers=dangers.answers(dangers.CALF), now=NOW)


def _plant_in_answers(app: Flask) -> None:
    """What is kept for a program that may ask again with the same key."""
    wish = {
        "service": "eval",
        "starts_at": "2026-03-03T23:00:00Z",
        "practitioner": "okafor",
        "override": {"reason": f"{CANARY} of a program"},
        "patient": {
            "given_name": "Ida",
            "family_name": "Noor",
            "birth_date": "1980-02-01",
            "email": "ida@example.com",
        },
    }
    headers = {**bearer(app, Role.FRONT_DESK), "Idempotency-Key": "canary"}
    answer = app.test_client().post("/api/v1/appointments", json=wish, headers=headers)
    assert answer.status_code == 201, answer.text


def _plant_second_factor(app: Flask) -> str:
    """Begin to set up an app; its secret, as the page shows it for typing."""
    client = staff_client(app, Role.CLINICIAN)
    client.post("/account/second-factor/begin", data={"csrf_token": csrf(client)})
    page = re.sub(r"<[^>]+>|\s", "", client.get("/account/second-factor").text)
    found = re.search(r"[A-Z2-7]{32}", page)
    assert found is not None, page
    return found[0]
