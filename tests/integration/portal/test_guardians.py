"""The desk decides whom to believe."""

import pytest
from flask import Flask

from clinic.core.values import Role
from tests.integration.portal.family import (
    ANA,
    LEO_BORN,
    ZOE,
    book,
    child,
    guardians,
    sign_in,
)
from tests.support.page_client import PageClient
from tests.support.page_clinic import PASSWORD, hire

PAGE = "/desk/guardians"


def at_desk(app: Flask, role: Role = Role.FRONT_DESK) -> PageClient:
    with app.app_context():
        email = hire(role)
    pages = PageClient(app)
    pages.get("/sign-in")
    pages.submit({"email": email, "password": PASSWORD}, status=303, follow=False)
    return pages


@pytest.fixture
def named_later(clinic: Flask) -> str:
    """Mallory says to be Leo's guardian, whose record was there before; the row's public id."""
    with clinic.app_context():
        book("2026-03-05 09:00", child("Leo", LEO_BORN, "Mallory", (ANA[0], ZOE[1])))
    return guardians(clinic, "Leo")[1].public_id


class TestGuardians:
    def test_wait_to_be_confirmed(self, clinic: Flask, named_later: str) -> None:
        page = at_desk(clinic).get(PAGE)
        assert "Mallory, parent" in page.text
        assert page.text.index("To be confirmed") < page.text.index("Acts for the child")

    def test_act_once_the_desk_has_confirmed_them(
        self, clinic: Flask, pages: PageClient, named_later: str
    ) -> None:
        desk = at_desk(clinic)
        desk.get(PAGE)
        desk.submit(action=f"{PAGE}/{named_later}/confirm")
        assert sign_in(clinic, pages, (ANA[0], ZOE[1])).h1 == "Visits of Leo"

    def test_can_be_refused_for_good(self, clinic: Flask, named_later: str) -> None:
        desk = at_desk(clinic)
        desk.get(PAGE)
        desk.submit(action=f"{PAGE}/{named_later}/end")
        assert "Mallory" not in desk.get(PAGE).text
        form = desk.page.forms[-1]
        desk.post(f"{PAGE}/{named_later}/confirm", form.values, status=404)

    def test_are_not_everybodys_to_see(self, clinic: Flask) -> None:
        at_desk(clinic, Role.CLINICIAN).get(PAGE, status=403)
