"""What each page behind a sign-in asks the database: a frame, the same everywhere, and its own."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from clinic.core.db import db
from clinic.core.values import PUBLIC, Interval, Role
from clinic.people.models import Patient, Staff, StaffSession
from clinic.scheduling.models import Appointment, VisitRequest
from clinic.scheduling.operations.requests import request_visit
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.rules.requests import Modality
from tests.integration.portal.family import patient
from tests.integration.security.doors import patient_client, read_table, staff_client
from tests.support.page_clinic import NOW, counted_queries, local, person

MOST_OF_A_FRAME = 6
FRAMES = {"staff": 3, "patient": 4}
"""Of staff: the session, the clinic's setting, and how much waits beside the links. Of patients:
the session, their own record, their children's, the setting."""
OWN = {
    "/account": 3,
    "/account/confirm": 0,
    "/account/password": 1,
    "/account/second-factor": 3,
    "/desk/answers/<response>": 3,
    "/desk/answers/<response>/fhir": 3,
    "/desk/answers/<response>/pdf": 3,
    "/desk": 5,  # visits, their rooms, arrivals, holds, and how they stand elsewhere
    "/desk/audit": 11,
    "/desk/audit/signatures": 0,
    "/desk/audit/sessions/<session>": 9,
    "/desk/away": 2,  # and some for each visit that is stranded
    "/desk/block": 0,
    "/desk/blocks/<block>": 1,
    "/desk/book": 0,
    "/desk/calendars": 1,
    "/desk/documents/<public_id>": 1,
    "/desk/calendar": 6,  # whether anything changed, visits, their rooms and forms, holds, blocks
    "/desk/calendar/grid": 6,
    "/desk/day-sheet": 3,
    "/desk/duplicates": 1,
    "/desk/find": 5,
    "/desk/guardians": 2,
    "/desk/guardians/alone": 0,
    "/desk/licences": 2,  # coming visits by video, those of them that are not covered
    "/desk/list": 6,
    "/desk/messages": 3,
    "/desk/money": 6,  # the book, what is unreconciled with its orders
    "/desk/numbers/requests": 1,
    "/desk/numbers": 3,  # visits, minutes, rooms
    "/desk/orders": 6,
    "/desk/orders/<public_id>": 1,
    "/desk/orders/<public_id>/receipts/<receipt>": 1,
    "/desk/orders/balance": 0,
    "/desk/orders/new": 1,
    "/desk/products": 3,
    "/desk/products/<slug>": 1,
    "/desk/messages/<public_id>": 4,
    "/desk/messages/kinds": 1,
    "/desk/messages/kinds/<kind>": 3,
    "/desk/messages/kinds/<kind>/html": 1,
    "/desk/patients/<patient>/messages": 6,
    "/desk/patients/<patient>/papers": 3,
    # the record, notes, records merged into it, guardians, visits and their rooms and notes,
    # counts, requests and their times, messages, forms, orders with tasks and pages, what is owed,
    # for which visits, referrals, documents
    "/desk/patients/<patient>": 31,
    "/desk/patients/<patient>/notes/<note>/reword": 2,
    "/desk/patients/<patient>/merge": 2,
    # both records, what they hold, visits at one time to come and past, whether it was suggested
    "/desk/patients/<patient>/merge/<other>": 6,
    "/desk/patients/<patient>/correct": 2,
    "/desk/patients/<patient>/forms": 3,
    "/desk/patients/<patient>/visits": 5,
    "/desk/patients/<patient>/intake": 4,
    "/desk/patients/<patient>/intake/pdf": 4,
    "/desk/patients/<patient>/summary": 6,
    "/desk/questionnaires": 2,
    "/desk/questionnaires/<slug>/given": 2,
    "/desk/questionnaires/<version>": 2,
    "/desk/questionnaires/<version>/change": 2,
    "/desk/questionnaires/<version>/copy": 2,
    "/desk/questionnaires/<version>/edit/<int:number>": 2,
    "/desk/questionnaires/<version>/file": 2,
    "/desk/requests": 2,  # a part of the queue, and how many are open
    # the request with times, offers and opinions, its story, others of the patient, calls, times
    "/desk/requests/<public_id>": 10,
    "/desk/reviews": 3,  # visits, their rooms, open events
    "/desk/safety": 3,
    "/desk/safety/<event>": 3,
    "/desk/search": 0,
    "/desk/site": 1,
    "/desk/site/<kind>/<slug>": 2,
    "/desk/site/new": 0,
    "/desk/staff": 1,
    "/desk/staff/<public_id>": 1,
    "/desk/staff/new": 0,
    "/desk/till": 7,  # taken, given back, movements, counts of today and before, the whole book
    "/desk/waitlist": 2,  # a part of the list, and what is free for it
    "/desk/waitlist/<public_id>": 2,
    "/desk/waitlist/new": 0,
    # the visit, its money, the visits beside it, where it is by video
    "/desk/visits/<visit>": 14,  # two of them for what a referral leaves, two for notes
    "/desk/visits/<visit>/cancel": 2,
    "/gait/orders/<public_id>/reports/<document>": 1,
    # the people with their requests, and what stands beside those: times, offers, opinions
    "/portal": 9,
    "/portal/contact": 0,
    "/portal/people/<person>": 9,
    "/portal/people/<person>/calendar": 1,
    "/portal/people/<person>/data": 10,
    "/portal/people/<person>/data.json": 10,
}
LOOK = 2
"""What a look at patients writes: the entry, and whom it showed, in one transaction."""
NO_PAGES = {
    "/desk/start",
    "/portal/contact/code",
    "/desk/audit/export.csv",
    "/desk/audit/export.jsonl",
    "/desk/money/book.csv",
    "/desk/numbers/numbers.csv",
    "/desk/numbers/requests.csv",
    "/desk/till/till.csv",
    "/desk/site/<kind>/<slug>/versions/<int:number>",
}


MORNING = Interval(local("2026-03-03 09:00"), local("2026-03-03 12:00"))


@pytest.fixture
def lived_in(clinic: Flask) -> Flask:
    """The clinic on the morning of a day with visits; somebody has asked for one."""
    wish = RequestWish(modality=Modality.IN_PERSON, reason="My hip hurts.", times=(MORNING,))
    with clinic.app_context():
        request_visit(wish=wish, patient=person(), actor=PUBLIC, now=NOW)
    return clinic


def address(app: Flask, rule: str) -> str:
    """Where the page of that rule is found, with something on it."""
    things: dict[str, InstrumentedAttribute[str]] = {
        "/desk/audit/sessions/<session>": StaffSession.public_id,
        "/desk/patients/<patient>": Patient.public_id,
        "/desk/patients/<patient>/correct": Patient.public_id,
        "/desk/patients/<patient>/visits": Patient.public_id,
        "/desk/requests/<public_id>": VisitRequest.public_id,
        "/desk/staff/<public_id>": Staff.public_id,
        "/desk/visits/<visit>": Appointment.public_id,
        "/desk/visits/<visit>/cancel": Appointment.public_id,
    }
    if rule in things:
        with app.app_context():
            found = db.session.scalars(select(things[rule])).first()
        return rule.replace(rule[rule.index("<") : rule.index(">") + 1], str(found))
    if "<person>" in rule:
        return rule.replace("<person>", patient(app, "Ana").public_id)
    if rule in {"/desk", "/desk/list"}:
        return f"{rule}?date=2026-03-03"
    return rule.replace("<kind>/<slug>", "page/privacy")


def asked_by(app: Flask, browser: FlaskClient, rule: str) -> tuple[list[str], list[str]]:
    """What a second look at a page reads and writes, without the marks of transactions."""
    path = address(app, rule)
    assert browser.get(path).status_code in {200, 404}, rule
    with counted_queries(app) as asked:
        browser.get(path)
    reads = [one for one in asked if one.startswith(("SELECT", "WITH"))]
    writes = [one for one in asked if one.startswith(("INSERT", "UPDATE", "DELETE"))]
    return reads, writes


def rules_of(callers: str) -> set[str]:
    """The pages for patients, or those for staff."""
    pages = [row for row in read_table() if row.method == "GET" and not row.is_api]
    found = {row.rule for row in pages if (row.callers == "patient") == (callers == "patient")}
    return found - {row.rule for row in pages if row.callers == "public"} - NO_PAGES


def staff_browsers(app: Flask) -> dict[str, FlaskClient]:
    """Rule -> somebody of the staff whom it lets in."""
    admin, sam = staff_client(app, Role.ADMIN), staff_client(app, Role.CLINICIAN)
    roles = {row.rule: row.roles or frozenset[Role]() for row in read_table()}
    return {rule: admin if Role.ADMIN in roles[rule] else sam for rule in rules_of("staff")}


@pytest.mark.parametrize("callers", ["staff", "patient"])
class TestSignedInPages:
    def test_each_ask_the_frame_and_their_own(self, lived_in: Flask, callers: str) -> None:
        if callers == "patient":
            browsers = dict.fromkeys(rules_of(callers), patient_client(lived_in))
        else:
            browsers = staff_browsers(lived_in)
        for rule, browser in sorted(browsers.items()):
            reads, writes = asked_by(lived_in, browser, rule)
            assert len(reads) <= FRAMES[callers] + OWN[rule], (rule, reads)
            assert len(writes) <= LOOK, (rule, writes)

    def test_have_a_frame_of_at_most_six(self, callers: str) -> None:
        assert FRAMES[callers] <= MOST_OF_A_FRAME
