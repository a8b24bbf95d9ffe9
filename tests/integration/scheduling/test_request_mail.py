"""What the worker asks about a visit request just before it sends a message."""

from flask import Flask

from clinic.messaging.queries import Parcel
from clinic.messaging.rules import Channel, Recipient
from clinic.scheduling.letters import prepare_request
from clinic.scheduling.operations.requests import decline_request, reopen_request
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
