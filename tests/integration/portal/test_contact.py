"""Changing how one is reached: proven, told, and taken from nobody."""

import json
from collections.abc import Callable
from datetime import datetime

from flask import Flask
from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.messaging.models import Message
from clinic.people.models import Patient
from clinic.portal.models import ContactChange
from tests.integration.portal.family import (
    ANA,
    LEO_BORN,
    ZOE,
    ask,
    book,
    child,
    give,
    guardians,
    later,
    other_than,
    patient,
    sent_codes,
    sign_in,
)
from tests.support.page_client import PageClient
from tests.support.page_clinic import everything_stored
from tests.support.pages import Page

CONTACT = "/portal/contact"
CODES = "/portal/contact/code"
NEW = "ana.new@example.com"
OVER = "These codes no longer work."


def mails(app: Flask) -> list[tuple[str, str]]:
    """Kind and address of every message about contact, the oldest first."""
    with app.app_context():
        wanted = select(Message).where(Message.kind.like("contact-%")).order_by(Message.id)
        return [
            (row.kind, json.loads(row.recipient or "{}")["email"])
            for row in db.session.scalars(wanted)
        ]


def codes(app: Flask) -> dict[str, str]:
    """The latest code of each kind."""
    with app.app_context():
        wanted = select(Message).where(Message.kind.like("contact-%-code")).order_by(Message.id)
        found = {row.kind: json.loads(row.context or "{}") for row in db.session.scalars(wanted)}
    return {
        "new_code": found["contact-new-code"]["code"],
        "old_code": found["contact-old-code"]["code"],
    }


def change(pages: PageClient, *, status: int = 200, **values: str) -> Page:
    pages.get(CONTACT)
    return pages.submit(values, action=CONTACT, status=status)


def type_codes(pages: PageClient, values: dict[str, str], *, status: int = 200) -> Page:
    return pages.submit(values, action=CODES, status=status)


class TestPhone:
    def test_is_changed_everywhere_at_once_and_told(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        page = change(pages, phone="212 555 0177")
        assert "Your phone number was changed." in page.text
        assert patient(clinic, "Ana").phone == "+12125550177"
        assert guardians(clinic, "Leo")[0].phone == "+12125550177"
        assert patient(clinic, "Zoe").phone is None
        assert mails(clinic) == [("contact-changed", ANA[0])]

    def test_that_is_none_is_told_at_its_field_and_kept(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        sign_in(clinic, pages)
        page = change(pages, phone="call me", email=NEW, status=422)
        assert page.title.startswith("Error: ")
        kept = page.form(CONTACT).values
        assert (kept["phone"], kept["email"]) == (["call me"], [NEW])
        assert mails(clinic) == []

    def test_that_is_the_same_changes_nothing(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        assert "Nothing was changed" in change(pages).text
        assert mails(clinic) == []


class TestAddress:
    def test_is_used_once_both_codes_were_typed(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        assert change(pages, email=NEW).h1 == "Type both codes"
        assert mails(clinic) == [("contact-new-code", NEW), ("contact-old-code", ANA[0])]
        assert patient(clinic, "Ana").email == ANA[0]
        page = type_codes(pages, codes(clinic))
        assert "Your e-mail address was changed." in page.text
        assert mails(clinic)[2:] == [("contact-changed", ANA[0])]
        for name in ("Ana", "Leo", "Mia"):
            assert patient(clinic, name).email == NEW
        assert guardians(clinic, "Mia")[0].email == NEW
        assert pages.get("/portal").h1 == "Your visits"
        other = PageClient(clinic)
        sign_in(clinic, other, (NEW, ANA[1]))
        other.get(f"/portal/people/{patient(clinic, 'Mia').public_id}")

    def test_that_was_known_opens_nothing_any_more(self, clinic: Flask, pages: PageClient) -> None:
        elsewhere = PageClient(clinic)
        sign_in(clinic, elsewhere)
        sign_in(clinic, pages)
        change(pages, email=NEW)
        type_codes(pages, codes(clinic))
        assert elsewhere.get("/portal").path.startswith("/portal/sign-in")
        known = len(sent_codes(clinic))
        ask(PageClient(clinic), ANA[0])
        assert len(sent_codes(clinic)) == known

    def test_is_not_used_with_one_code_alone(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        change(pages, email=NEW)
        right = codes(clinic)
        for name in right:
            wrong = {**right, name: other_than(right[name])}
            assert "The two codes do not fit." in type_codes(pages, wrong, status=422).text
        assert patient(clinic, "Ana").email == ANA[0]

    def test_is_given_five_tries_and_half_an_hour(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        sign_in(clinic, pages)
        change(pages, email=NEW)
        right = codes(clinic)
        for _ in range(5):
            type_codes(pages, {**right, "new_code": other_than(right["new_code"])}, status=422)
        assert OVER in type_codes(pages, right, status=422).text
        change(pages, email=NEW)
        set_clock(later(minutes=29))
        pages.get(CODES)
        set_clock(later(minutes=30))
        assert OVER in type_codes(pages, codes(clinic), status=422).text
        assert patient(clinic, "Ana").email == ANA[0]

    def test_is_finished_by_the_browser_that_asked_alone(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        sign_in(clinic, pages)
        change(pages, email=NEW)
        right = codes(clinic)
        other = PageClient(clinic)
        sign_in(clinic, other)
        change(other, email="ana.other@example.com")
        assert "do not fit" in type_codes(other, right, status=422).text
        with clinic.app_context():
            rows = db.session.scalars(select(ContactChange).order_by(ContactChange.id)).all()
            assert [row.attempts for row in rows] == [0, 1]

    def test_tells_nobody_whether_it_is_known(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        known, unknown = (change(pages, email=email) for email in (ZOE[0], NEW))
        assert known.text == unknown.text
        assert [kind for kind, _ in mails(clinic)] == ["contact-new-code", "contact-old-code"] * 2

    def test_is_not_kept_in_plain_words(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        change(pages, email="canary.address@example.com")
        assert "canary.address" not in everything_stored(clinic)

    def test_leaves_a_child_the_address_of_the_other_parent(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        shared = (ANA[0], ZOE[1])
        with clinic.app_context():
            book("2026-03-05 09:00", child("Mia", patient(clinic, "Mia").birth_date, "Ben", shared))
        sign_in(clinic, pages)
        change(pages, email=NEW)
        type_codes(pages, codes(clinic))
        assert patient(clinic, "Leo").email == NEW
        assert patient(clinic, "Mia").email == ANA[0]

    def test_of_a_former_guardian_is_refused_once_it_is_proven(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        with clinic.app_context():
            give_own_address(patient(clinic, "Leo").id)
        at = later(days=10)
        set_clock(at)
        ask(pages, "leo@example.com")
        give(pages, sent_codes(clinic, at=at)[-1], LEO_BORN)
        change(pages, email=ANA[0])
        page = type_codes(pages, codes(clinic), status=422)
        assert "This address belongs to somebody who acted for you." in page.text
        assert patient(clinic, "Leo").email == "leo@example.com"


@transaction
def give_own_address(ident: int) -> None:
    row = db.session.get_one(Patient, ident)
    row.email = row.email_key = "leo@example.com"
