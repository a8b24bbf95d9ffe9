"""Whom a sign-in opens: oneself, the children one acts for, and nobody else."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db, transaction
from clinic.core.values import PUBLIC
from clinic.people.models import Guardian
from clinic.scheduling.operations.requests import Step, request_visit
from clinic.scheduling.operations.requests.offers import offer_times
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.rules.requests import Modality
from clinic.scheduling.rules.week_view import Part
from tests.integration.portal.family import (
    ANA,
    BEN,
    LEO_BORN,
    SIGN_IN,
    WRONG,
    ZOE,
    ask,
    book,
    child,
    give,
    grown,
    guardians,
    later,
    patient,
    sent_codes,
    sign_in,
)
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, link_of, local

SetClock = Callable[[datetime], None]
EVE_OF_EIGHTEEN = datetime(2026, 3, 10, 3, 59, tzinfo=UTC)  # 11:59 PM in New York
EIGHTEEN = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)


@transaction
def confirm(guardian: Guardian) -> None:
    db.session.get_one(Guardian, guardian.id).confirmed_at = later()


@transaction
def end(guardian: Guardian) -> None:
    db.session.get_one(Guardian, guardian.id).ended_at = later()


def actions(app: Flask, subject: str) -> list[tuple[str, str]]:
    with app.app_context():
        wanted = select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.id)
        return [(entry.action, entry.actor_name) for entry in db.session.scalars(wanted)]


class TestFamily:
    def test_is_oneself_and_ones_children(self, clinic: Flask, pages: PageClient) -> None:
        page = sign_in(clinic, pages)
        assert "Ana Beltran (you)" in page.text
        leo = pages.get(f"/portal/people/{patient(clinic, 'Leo').public_id}")
        assert leo.h1 == "Visits of Leo"
        assert "In the care ofAna Beltran, parent" in leo.text

    def test_waits_for_a_time_and_finds_it_and_what_was_offered(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        sign_in(clinic, pages)
        leo = patient(clinic, "Leo").public_id
        pages.get("/book/eval/waitlist")
        days = {"from_day": "2026-03-03", "to_day": "2026-03-03"}
        page = pages.submit({**days, "patient": leo}, action="/book/eval/waitlist")
        assert (page.h1, "Leo Beltran" in page.text) == ("You are on the waitlist", True)
        with clinic.app_context():
            reason = "My hip hurts."
            asked = request_visit(
                wish=RequestWish(modality=Modality.IN_PERSON, reason=reason, part=Part.MORNING),
                patient=child("Leo", LEO_BORN, "Ana Beltran", ANA),
                actor=PUBLIC,
                now=NOW,
            )
            step = Step(public_id=asked.public_id, actor=KIM, now=NOW)
            wish = Wish(service="eval", starts_at=local("2026-03-05 09:00"))
            offer_times(step=step, wishes=[wish])
        shown = pages.get(f"/portal/people/{leo}")
        assert "Choose a time" in shown.text
        (leave,) = [link for link in shown.links() if link.endswith("/leave")]
        pages.get(leave)
        assert pages.submit(action=leave).h1 == "You left the waitlist"
        assert "/leave" not in " ".join(pages.get(f"/portal/people/{leo}").links())

    def test_puts_every_look_on_record(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        leo = patient(clinic, "Leo").public_id
        pages.get(f"/portal/people/{leo}")
        assert ("portal.seen", "Ana Beltran") in actions(clinic, f"patient:{leo}")

    def test_shows_no_other_patient(self, clinic: Flask, pages: PageClient) -> None:  # X1
        sign_in(clinic, pages, ZOE)
        ana = patient(clinic, "Ana").public_id
        foreign = pages.client.get(f"/portal/people/{ana}")
        missing = pages.client.get(f"/portal/people/{'A' * 22}")
        assert (foreign.status_code, foreign.text) == (404, missing.text)
        assert ("portal.refused", "Zoe Quinn") in actions(clinic, f"patient:{ana}")

    def test_may_have_two_guardians(self, clinic: Flask, pages: PageClient) -> None:
        with clinic.app_context():
            book("2026-03-05 09:00", child("Leo", LEO_BORN, "Ana Beltran", ANA))
            again = child("Leo", LEO_BORN, "Ben Beltran", (ANA[0], BEN[1]))
            book("2026-03-11 09:00", again)
            ben = guardians(clinic, "Leo")[1]
            confirm(ben)
        assert [guardian.name for guardian in guardians(clinic, "Leo")] == [
            "Ana Beltran",
            "Ben Beltran",
        ]
        assert sign_in(clinic, pages, (ANA[0], BEN[1])).h1 == "Visits of Leo"

    def test_does_not_believe_a_guardian_who_comes_later(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        """Knowing a child's name, birth date and contact opens nothing until staff confirm it."""
        with clinic.app_context():
            book("2026-03-05 09:00", child("Leo", LEO_BORN, "Mallory", (ANA[0], ZOE[1])))
        ask(pages)
        assert WRONG in give(pages, sent_codes(clinic)[-1], ZOE[1], status=422).text

    def test_ends_where_staff_end_it(self, clinic: Flask, pages: PageClient) -> None:
        with clinic.app_context():
            end(guardians(clinic, "Leo")[0])
        sign_in(clinic, pages)
        pages.get(f"/portal/people/{patient(clinic, 'Leo').public_id}", status=404)


class TestEighteenthBirthday:
    @pytest.mark.parametrize(("at", "status"), [(EVE_OF_EIGHTEEN, 200), (EIGHTEEN, 404)])
    def test_ends_the_guardians_access_by_itself(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock, at: datetime, status: int
    ) -> None:
        set_clock(later(days=7, hours=12, minutes=40))
        with clinic.app_context():
            leo = patient(clinic, "Leo").public_id
        ask(pages)
        give(pages, sent_codes(clinic, at=later(days=7, hours=12, minutes=40))[-1])
        pages.get(f"/portal/people/{leo}")
        set_clock(at)
        pages.get(f"/portal/people/{leo}", status=status)

    def test_does_not_open_the_record_to_the_guardians_address(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock
    ) -> None:
        set_clock(EIGHTEEN)
        ask(pages)
        code = sent_codes(clinic, at=EIGHTEEN)[-1]
        assert WRONG in give(pages, code, LEO_BORN, status=422).text

    def test_ends_a_session_that_opened_nobody_else(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock
    ) -> None:
        with clinic.app_context():
            book("2026-03-05 09:00", child("Noa", LEO_BORN, "Ben Beltran", BEN))
        set_clock(EVE_OF_EIGHTEEN)
        ask(pages, BEN[0])
        page = give(pages, sent_codes(clinic, at=EVE_OF_EIGHTEEN)[-1], BEN[1])
        assert page.h1 == "Visits of Noa"
        set_clock(EIGHTEEN)
        assert pages.get("/portal").path.startswith(SIGN_IN)

    @pytest.mark.parametrize(("at", "status"), [(EVE_OF_EIGHTEEN, 200), (EIGHTEEN, 410)])
    def test_ends_the_links_that_were_sent_before(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock, at: datetime, status: int
    ) -> None:
        with clinic.app_context():
            visit = book("2026-03-11 13:00", child("Leo", LEO_BORN, "Ana Beltran", ANA))
            path = link_of(visit)
        pages.get(path)
        set_clock(at)
        page = pages.get(path, status=status)
        pages.get(f"{path}/visit.ics", status=status)
        assert ("sign in under “Your visits”" in page.text) is (status == 410)
        with clinic.app_context():
            anew = link_of(visit)
        pages.get(anew)
        assert (anew == path) is (status == 200)

    def test_gives_the_record_to_its_owner(
        self, clinic: Flask, pages: PageClient, set_clock: SetClock
    ) -> None:
        own = ("noa@example.com", LEO_BORN)
        with clinic.app_context():
            book("2026-03-05 09:00", grown("Noa", "Beltran", own))
        set_clock(EIGHTEEN)
        ask(pages, own[0])
        assert give(pages, sent_codes(clinic, at=EIGHTEEN)[-1], LEO_BORN).h1 == "Your visits"
