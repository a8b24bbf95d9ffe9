"""Every kind of link that a message carries: what it says when it no longer opens anything."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from clinic.core.db import db, transaction
from clinic.core.values import PUBLIC, SYSTEM
from clinic.gait.operations.balances import request_balance
from clinic.intake.operations.links import new_form_link
from clinic.payments.queries.links import order_path
from clinic.payments.queries.orders import get_order
from clinic.people.operations import new_setup_link
from clinic.scheduling.operations.feeds import make_patient_feed
from clinic.scheduling.operations.requests import Step, decline_request, request_visit
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.operations.waitlist import join_waitlist, withdraw_entry
from clinic.scheduling.queries.links import request_token, visit_token, waitlist_token
from clinic.scheduling.queries.requests import get_request
from clinic.scheduling.rules.requests import Modality
from clinic.scheduling.rules.waitlist import WaitWish
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, book, everything_stored, hire, person


@dataclass(frozen=True)
class Kind:
    """A link as a message carries it, what ends it, and after how many days it is over."""

    make: Callable[[], str]
    end: str = ""
    days: int = 0
    closed: int = 404


def of_visit() -> str:
    return f"/visits/{visit_token(book('2026-03-03 10:00'))}"


def of_video() -> str:
    visit = book("2026-03-03 10:00", service="video", state="NY", reason="late")
    return f"/visits/{visit_token(visit)}/video"


def of_request() -> str:
    wish = RequestWish(modality=Modality.IN_PERSON, reason="hurts")
    asked = request_visit(wish=wish, patient=person(1), actor=PUBLIC, now=NOW)
    decline_request(step=Step(public_id=asked.public_id, actor=KIM, now=NOW), reason="full")
    return f"/requests/{request_token(get_request(asked.public_id))}"


def of_order() -> str:
    made = request_balance(
        appointment=book("2026-03-03 10:00").public_id, cents=900, actor=KIM, now=NOW
    )
    order = get_order(made.public_id)
    return order_path(public_id=order.public_id, link_version=order.link_version)


def of_waitlist() -> str:
    """Of an entry that was closed without a visit."""
    wish = WaitWish(service="eval", from_date=date(2026, 3, 3), to_date=date(2026, 3, 3))
    entry = join_waitlist(wish=wish, patient=person(1), actor=PUBLIC, now=NOW)
    withdraw_entry(public_id=entry.public_id, actor=KIM, now=NOW)
    return f"/waitlist/{waitlist_token(entry)}"


def of_forms() -> str:
    patient, ends = book("2026-03-03 10:00").patient, NOW + timedelta(days=90)
    return f"/intake/{new_form_link(patient=patient, actor=KIM, now=NOW, expires_at=ends)}"


def of_invitation() -> str:
    return f"/set-up/{new_setup_link(email=hire(), actor=SYSTEM, now=NOW)}"


def of_calendar() -> str:
    token = make_patient_feed(patient=book("2026-03-03 10:00").patient, actor=KIM, now=NOW)
    return f"/calendar/{token}.ics"


KINDS = {
    "visit": Kind(of_visit, "UPDATE appointments SET link_version = link_version + 1", 92, 410),
    "video": Kind(of_video, "UPDATE appointments SET link_version = link_version + 1", 92, 410),
    "request": Kind(
        of_request, "UPDATE visit_requests SET link_version = link_version + 1", 92, 410
    ),
    "waitlist": Kind(
        of_waitlist, "UPDATE waitlist_entries SET link_version = link_version + 1", 92, 410
    ),
    "order": Kind(of_order, "UPDATE orders SET link_version = link_version + 1", 401, 410),
    "forms": Kind(of_forms, "UPDATE form_links SET ended_at = created_at", 91),
    "invitation": Kind(of_invitation, "DELETE FROM setup_links", 4, 410),
    "calendar": Kind(of_calendar, "UPDATE calendar_feeds SET ended_at = created_at"),
}
SAYS = ("no longer works", "opens nothing", "opens no order")
WAYS = {"/portal/sign-in", "/sign-in", "/portal"}


@transaction
def run(statement: str) -> None:
    db.session.execute(text(statement))


def other(link: str) -> str:
    """The same link with its last sign typed wrongly."""
    stem, dot, ending = link.partition(".")
    place = len(stem) - (len("/video") if stem.endswith("/video") else 0) - 1
    sign = "b" if stem[place] == "a" else "a"
    return f"{stem[:place]}{sign}{stem[place + 1 :]}{dot}{ending}"


def shorter(link: str) -> str:
    """The link as a mail program breaks it."""
    stem, dot, ending = link.partition(".")
    tail = "/video" if stem.endswith("/video") else ""
    return f"{stem.removesuffix(tail)[:-5]}{tail}{dot}{ending}"


def explains(app: Flask, link: str, status: int) -> None:
    """It says in words what it is, names nobody, shows the way on, and has changed nothing."""
    before = everything_stored(app)
    pages = PageClient(app)
    page = pages.get(link, status=status)
    assert any(words in page.text for words in SAYS), page.text
    assert "Pat1" not in page.text
    leads = {where.partition("?")[0] for where in page.links()}
    assert leads & WAYS, leads
    assert pages.client.head(link).status_code == status
    assert everything_stored(app) == before


@pytest.mark.parametrize("name", KINDS)
class TestLink:
    def test_explains_itself_when_it_opens_nothing(
        self, clinic: Flask, set_clock: Callable[[datetime], None], name: str
    ) -> None:
        kind = KINDS[name]
        with clinic.app_context():
            link = kind.make()
        before = everything_stored(clinic)
        assert clinic.test_client().get(link).status_code in {200, 303}, "it opens"
        assert everything_stored(clinic) == before, "and looking changed nothing"
        missing = 410 if name == "invitation" else 404
        for broken in (other(link), shorter(link)):
            explains(clinic, broken, missing)
        if kind.days:
            set_clock(NOW + timedelta(days=kind.days))
            explains(clinic, link, kind.closed)
            set_clock(NOW)
        with clinic.app_context():
            run(kind.end)
        explains(clinic, link, missing)


class TestPurpose:
    def test_of_a_link_is_one(self, clinic: Flask) -> None:
        with clinic.app_context():
            token = of_visit().rpartition("/")[2]
        for path in (f"/requests/{token}", f"/intake/{token}", f"/calendar/{token}.ics"):
            explains(clinic, path, 404)
        explains(clinic, f"/set-up/{token}", 410)
