"""A family is signed out while it types, without a script: the words come back to whoever typed."""

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select, text

from clinic.core.db import db
from clinic.intake.models import KeptPage, Response
from clinic.intake.operations.keeping import remove_old_kept
from clinic.intake.operations.saving import Page as Saving
from clinic.intake.operations.saving import save_page
from tests.integration.intake.dangers import NOTHING, publish_symptoms
from tests.integration.intake.ground import ANA as AUTHOR
from tests.integration.intake.ground import ask as ask_for
from tests.integration.intake.ground import publish, small_form
from tests.integration.intake.test_safety_pages import typed
from tests.integration.portal.family import (
    ANA,
    BEN,
    CODE,
    LEO_BORN,
    ask,
    book,
    child,
    give,
    guardians,
    later,
    patient,
    sent_codes,
)
from tests.integration.portal.test_family import confirm
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW
from tests.support.pages import Page

WORDS = "the left hip, since the fall"
SetClock = Callable[[datetime], None]


@pytest.fixture
def path(clinic: Flask) -> str:
    """The second page of a form that Leo was asked for; both parents may fill it in."""
    with clinic.app_context():
        book("2026-03-11 11:00", child("Leo", LEO_BORN, "Ben Beltran", (ANA[0], BEN[1])))
        confirm(guardians(clinic, "Leo")[1])
        publish(small_form())
        assignment = ask_for(patient(clinic, "Leo").public_id)
    return f"/intake/forms/{assignment}/2"


def come_back(app: Flask, pages: PageClient, who: tuple[str, date], at: datetime) -> Page:
    """From the page that asks who they are, by its own button, to where the sign-in leads."""
    (way,) = re.findall(r'href="/portal/sign-in\?next=([^"]+)"', pages.page.html)
    ask(pages, who[0], after=way)
    return give(pages, sent_codes(app, at=at)[-1], who[1])


def kept(app: Flask) -> list[KeptPage]:
    with app.app_context():
        return list(db.session.scalars(select(KeptPage)))


def stored(app: Flask) -> str:
    with app.app_context():
        return "".join(one.answers or "" for one in db.session.scalars(select(Response)))


class TestPageOfSomebodySignedOut:
    def test_comes_back_to_whoever_typed_it_and_is_saved_when_they_send_it(
        self, clinic: Flask, pages: PageClient, path: str, set_clock: SetClock
    ) -> None:
        ask(pages)
        give(pages, sent_codes(clinic)[-1])
        (form,) = pages.get(path).form(path).values["form"]
        set_clock(later(minutes=40))
        page = pages.submit({"q4": "three", "q5": WORDS, "do": "next"}, action=path, status=401)
        assert page.h1 == "Open your forms"
        assert "kept, but not saved yet" in page.text
        (row,) = kept(clinic)
        with clinic.app_context():
            assert WORDS not in str(db.session.execute(text("SELECT * FROM kept_pages")).all())
        assert row.expires_at == later(minutes=100)
        # somebody else answers the same question meanwhile, on another device
        with clinic.app_context():
            answers = {"words": [{"valueString": "from elsewhere"}]}
            save_page(page=Saving(path.split("/")[3], form, 2, 0, answers), author=AUTHOR, now=NOW)

        page = come_back(clinic, pages, ANA, later(minutes=40))

        assert page.path == path
        assert "not saved yet" in page.text
        values = page.form(path).values
        assert (values["q4"], values["q5"]) == (["three"], [WORDS])
        assert WORDS not in stored(clinic)
        page = pages.submit({"q4": "3", "do": "next"}, action=path, status=409)
        assert "from elsewhere" in page.text
        pages.submit({"do": "next"}, action=path)
        assert WORDS in stored(clinic)
        assert kept(clinic) == []

    def test_is_shown_to_nobody_else_and_not_for_ever(
        self, clinic: Flask, pages: PageClient, path: str, set_clock: SetClock
    ) -> None:
        ask(pages)
        give(pages, sent_codes(clinic)[-1])
        pages.get(path)
        mark = pages.page.form(path).values["keep"][0]
        set_clock(later(minutes=40))
        pages.submit({"q5": WORDS, "do": "next"}, action=path, status=401)

        page = come_back(clinic, pages, (ANA[0], BEN[1]), later(minutes=40))

        assert page.path == "/intake?kept=1"
        assert "not saved" not in page.text
        assert WORDS not in pages.get(path).html
        # another browser of the very same person does not have it either
        other = PageClient(clinic)
        ask(other)
        give(other, sent_codes(clinic, at=later(minutes=40))[-1])
        assert WORDS not in other.get(path).html
        assert "not saved" not in other.get("/intake").text
        # a mark that is not ours, or of another form, keeps nothing
        stranger = PageClient(clinic)
        stranger.get(CODE)
        proof = stranger.page.form().values["csrf_token"][0]
        for said in ("", "0" * 32, mark[:-1] + "?", f"{'0' * 32}.{mark.partition('.')[2]}"):
            sent = {"q5": WORDS, "keep": said, "csrf_token": proof}
            assert stranger.post(path, sent, status=303, follow=False).status == 303
        assert len(kept(clinic)) == 1
        with clinic.app_context():
            remove_old_kept(now=later(minutes=99))
            assert len(kept(clinic)) == 1
            remove_old_kept(now=later(minutes=100))
        assert kept(clinic) == []

    def test_is_answered_at_once_where_it_tells_what_cannot_wait(
        self, clinic: Flask, pages: PageClient, path: str, set_clock: SetClock
    ) -> None:
        with clinic.app_context():
            publish_symptoms()
            asked = ask_for(patient(clinic, "Leo").public_id, slug="symptoms")
        first = f"/intake/forms/{asked}/1"
        ask(pages)
        give(pages, sent_codes(clinic)[-1])
        pages.get(first)
        set_clock(later(minutes=40))
        half = {**typed({**NOTHING, "rf-ces": ["saddle"]}), "do": "next"}
        page = pages.submit(half, action=first, status=401)
        assert "Call 911 now" in page.text
        assert "what you typed is not saved yet" in page.text
        assert stored(clinic) == ""
        page = come_back(clinic, pages, ANA, later(minutes=40))
        assert page.path == first
        assert "Call 911 now" not in page.text

    def test_that_signed_in_again_in_another_tab_stands_there_again(
        self, clinic: Flask, pages: PageClient, path: str
    ) -> None:
        ask(pages)
        give(pages, sent_codes(clinic)[-1])
        before = pages.get(path).form(path).values
        with pages.client.session_transaction() as session:
            session.pop("csrf_token")

        page = pages.post(path, {**before, "q5": [WORDS], "do": ["next"]})

        assert page.path == path
        assert page.form(path).values["q5"] == [WORDS]
        assert WORDS not in stored(clinic)
        pages.post(path, {"q5": WORDS}, status=400)
