"""What no form of any page lets through: markup, templates, odd signs, fields it does not have.

The forms are found by walking as a visitor, a patient, a manager and a clinician: together they may
open what anybody of the staff may. Every page that
answers is valid HTML without inline code or foreign links (``check_page``), and so is every page
after all was sent: what got into the database breaks out of no page either. OWASP ASVS 5.0, 1.2.1,
1.3.7, 15.3.3.
"""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.schema import Base
from clinic.core.values import PUBLIC, Role
from clinic.scheduling.operations.requests import request_visit
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.queries.links import request_token
from clinic.scheduling.rules.requests import Modality
from tests.integration.intake import dangers
from tests.integration.intake.ground import add_patient
from tests.integration.security.doors import patient_client, read_table, staff_client
from tests.integration.security.walking import Walk
from tests.support.page_clinic import NOW, book, everything_stored, link_of, person
from tests.support.pages import Page

MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*1234567}}{%if 1%}"
PAYLOADS = (MARKUP, "javascript:alert(1)", "\x00\x07\u202e\U0001f600", "9" * 400)
BROKEN_OUT = re.compile(r"<script>alert|<img src=x|8641969|href=.javascript:", re.IGNORECASE)
EXTRA = "7777777"
GOOD = {
    "given_name": "Ida",
    "family_name": "Noor",
    "birth_date-day": "1",
    "birth_date-month": "2",
    "birth_date-year": "1980",
    "email": "ida@example.com",
    "phone": "212 555 0143",
    "reason": "My hip hurts.",
    "message": "Come on Tuesday.",
    "name": "Ida Noor",
    "title": "A knee",
    "slug": "a-knee",
}
CALLERS = ("visitor", "patient", "admin", "clinician")


@pytest.fixture
def starts(clinic: Flask) -> list[str]:
    """Where walks begin: the homes of everybody, and the links that mails hold."""
    with clinic.app_context():
        visit = link_of(book("2026-03-05 09:00", who=5))
        wish = RequestWish(modality=Modality.IN_PERSON, reason="My knee hurts.")
        asked = request_visit(wish=wish, patient=person(6), actor=PUBLIC, now=NOW)
        token = request_token(asked)
        told = dangers.Telling(add_patient(given="Dora"), dangers.publish_symptoms())
        told.say(dangers.SADDLE)
    request = f"/requests/{token}"
    return [
        *("/", "/book/eval", "/sign-in", "/sign-in/forgotten", "/portal", "/portal/sign-in/code"),
        *("/desk", "/desk/find", "/desk/requests", "/desk/audit", "/desk/staff/new", "/account"),
        *("/desk/safety", "/desk/site/new", "/account/second-factor", "/account/password"),
        "/request/visit",
        f"/desk/patients/{told.patient}/summary",
        *(visit, f"{visit}/cancel", f"{visit}/move", request, f"{request}/withdraw"),
    ]


def client_of(app: Flask, caller: str) -> FlaskClient:
    """The browser of one of CALLERS."""
    if caller == "visitor":
        return app.test_client()
    return patient_client(app) if caller == "patient" else staff_client(app, Role(caller))


def assert_whole(page: Page | None, what: object) -> None:
    """Nothing that was typed became a part of the page."""
    found = BROKEN_OUT.search(page.html) if page else None
    assert found is None, (what, found)


THE_LABS_OWN = {"/desk/orders/<public_id>/lab", "/desk/orders/<public_id>/report"}
"""Forms of an order, which this clinic has none of; tests/integration/gait/test_desk.py has."""


class TestForms:
    def test_of_all_staff_are_met_by_walking_as_a_manager_or_a_clinician(self) -> None:
        walkers = {Role.ADMIN, Role.CLINICIAN}
        others = {
            row.rule for row in read_table() if row.roles is not None and not walkers & row.roles
        }
        assert others <= THE_LABS_OWN

    @pytest.mark.parametrize("caller", CALLERS)
    def test_show_what_was_typed_as_text_and_keep_it_so(
        self, clinic: Flask, starts: list[str], caller: str
    ) -> None:
        walk = Walk(clinic, client_of(clinic, caller), starts)
        sent = 0
        for page, form in walk.forms():
            fields = [name for name in form.values if name != "csrf_token"]
            alone = [(MARKUP, [name]) for name in fields[:12]]
            for typed, names in (*((typed, fields) for typed in PAYLOADS), *alone):
                answer = walk.send(form, {**form.values, **{name: [typed] for name in names}})
                assert_whole(answer, (page.path, names, typed))
                sent += 1
        assert sent > 50
        for page in Walk(clinic, walk.client, [*walk.met, *starts]).pages():
            assert_whole(page, page.path)

    @pytest.mark.parametrize("caller", CALLERS)
    def test_read_no_field_that_they_do_not_have(
        self, clinic: Flask, starts: list[str], caller: str
    ) -> None:
        """Named like the columns of all tables; nothing of it is stored."""
        columns = {column.name for table in Base.metadata.sorted_tables for column in table.columns}
        walk = Walk(clinic, client_of(clinic, caller), starts)
        for _page, form in walk.forms():
            own = {
                name: [GOOD.get(name, "")] if given == [""] else given
                for name, given in form.values.items()
            }
            shown = {name.partition("-")[0] for name in own} | {name for name, _ in form.buttons}
            extra = {name: [EXTRA] for name in columns - shown}
            walk.send(form, {**extra, **own})
        stored = everything_stored(clinic)
        assert walk.met
        for table, rows in stored.items():
            assert not [row for row in rows if re.search(rf"\b{EXTRA}\b", row)], table
