"""What the worker asks about a visit request just before it sends a message."""

import json
from dataclasses import replace

from flask import Flask
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import SYSTEM, Actor, Role
from clinic.messaging.models import Message
from clinic.messaging.queries import Parcel
from clinic.messaging.rules import Channel, Recipient
from clinic.people.operations import create_staff
from clinic.scheduling.letters import prepare_opinion, prepare_request
from clinic.scheduling.operations.requests import decline_request, reopen_request
from clinic.scheduling.operations.requests.talk import ask_opinion, give_opinion
from clinic.scheduling.queries.requests import RequestedVisit
from tests.integration.scheduling.a_clinic import NOW
from tests.integration.scheduling.test_requests import ask, clinic, step

__all__ = ["clinic"]


def parcel(request: RequestedVisit, kind: str) -> Parcel:
    return Parcel(
        id=1,
        public_id="m" * 22,
        kind=kind,
        channel=Channel.EMAIL,
        about=f"visit-request:{request.public_id}",
        recipient=Recipient(name="Pat", email="pat@example.com"),
        recipient_mac="m" * 32,
        context={},
        created_at=NOW,
        attempts=0,
    )


class TestMail:
    def test_of_a_decline_taken_back_is_not_sent(self, clinic: Flask) -> None:
        asked = ask()
        decline_request(step=step(asked), reason="Full.")
        told = parcel(asked, "request-declined")
        assert prepare_request(parcel=told, now=NOW) is not None
        reopen_request(step=step(asked))
        assert prepare_request(parcel=told, now=NOW) is None
        assert prepare_request(parcel=parcel(asked, "request-received"), now=NOW) is not None


class TestOpinion:
    def test_is_asked_of_every_clinician_once_and_in_no_words_of_the_patient(
        self, clinic: Flask
    ) -> None:
        for role, name in ((Role.CLINICIAN, "sam"), (Role.CLINICIAN, "ana"), (Role.ADMIN, "lee")):
            email = f"{name}@example.com"
            create_staff(email=email, name=name, role=role, actor=SYSTEM, now=NOW)
        asked = ask()
        ask_opinion(step=step(asked), question="By video?")
        ask_opinion(step=step(asked), question="By video, or here?")
        sent = db.session.scalars(select(Message).where(Message.kind == "request-opinion")).all()
        told = [(json.loads(one.recipient or ""), json.loads(one.context or "")) for one in sent]
        assert {who["email"] for who, _ in told} == {"ana@example.com", "sam@example.com"}
        assert [what for _, what in told] == [{"link": f"/desk/requests/{asked.public_id}"}] * 2

    def test_that_was_given_asks_nobody_any_more(self, clinic: Flask) -> None:
        asked = ask()
        ask_opinion(step=step(asked), question="By video?")
        told = parcel(asked, "request-opinion")
        assert prepare_opinion(parcel=told, now=NOW) is not None
        clinician = Actor(kind="staff", name="Sam", id="sam", role=Role.CLINICIAN)
        give_opinion(step=replace(step(asked), actor=clinician), opinion="Yes.")
        assert prepare_opinion(parcel=told, now=NOW) is None
