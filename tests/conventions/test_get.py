"""Looking changes nothing: every GET route, asked on a clinic with people in it.

The visitor follows links from the start pages, as the public and as staff; what a page writes is
overheard, and every table is digested before and after each walk. A new page is found by its link;
one that no link leads to is named in `tour`.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from clinic.core.audit import AuditEntry
from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.values import PUBLIC, Actor, Role
from clinic.doors import warm_up_doors
from clinic.gait.operations.balances import request_balance
from clinic.intake.models import Response, SafetyEvent
from clinic.intake.operations.drafts import copy_version
from clinic.intake.queries.questionnaires import list_versions
from clinic.people.models import Patient
from clinic.people.operations import create_staff, create_token
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.blocks import block_time
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.requests import request_visit
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.links import request_token, visit_token
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.reference import reference_of
from clinic.scheduling.rules.requests import Modality
from clinic.setup.demo.people import PASSWORD
from tests.integration.intake.dangers import NOTHING
from tests.integration.intake.test_safety_pages import typed
from tests.support.codes import sent_codes
from tests.support.page_client import PageClient
from tests.support.pages import Page, check_page

# What looking may leave behind: a trace, a session's last-seen, a count.
MAY_GROW = frozenset({"audit_entries", "audit_sights", "audit_seals", "rate_counts", "heartbeats"})
MAY_CHANGE = frozenset({("staff_sessions", "last_seen_at"), ("patient_sessions", "last_seen_at")})
PER_RULE = 3
"""How many addresses of one route are looked at: a week page leads to endless others."""
NOT_FOLLOWED = frozenset({"/static/<path:filename>", "/desk/documents/<public_id>"})
"""Files: of documents the copy of the demo's database has none. They are knocked at by name."""
OPERATOR = Actor(kind="system", name="tests")
DESK = Actor(kind="staff", name="Kim", id="kim", role=Role.FRONT_DESK)


def digest(app: Flask) -> dict[str, str]:
    """Table -> a hash over all its rows."""
    found = {}
    with app.app_context(), db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            if table.name not in MAY_GROW:
                columns = [c for c in table.columns if (table.name, c.name) not in MAY_CHANGE]
                rows = connection.execute(select(*columns).order_by(*table.primary_key)).all()
                found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


WRITES = re.compile(r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)
SESSIONS = frozenset({table for table, _ in MAY_CHANGE})
"""Of these a page may write the one column; the digest of the walk tells whether it did more."""


@contextmanager
def overheard(app: Flask) -> Iterator[set[str]]:
    """The tables that this process writes to meanwhile, but for those that looking may write."""
    written: set[str] = set()

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if (found := WRITES.match(statement)) and found[1] not in MAY_GROW | SESSIONS:
            written.add(found[1])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield written
    finally:
        event.remove(engine, "before_cursor_execute", listen)


class Visitor:
    """Walks the site by its links and remembers which routes it has seen."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.pages = PageClient(app)
        self.seen: dict[str, set[str]] = {}

    def rule_of(self, path: str) -> Rule | None:
        adapter = self.app.url_map.bind("localhost")
        try:
            rule, _ = adapter.match(urlsplit(path).path, return_rule=True)
        except HTTPException:
            return None
        return rule

    def walk(self, *starts: str) -> None:
        """Look at what these lead to; AssertionError when a table is another one afterwards."""
        before = digest(self.app)
        self.follow(*starts)
        after = digest(self.app)
        changed = [table for table, value in after.items() if before[table] != value]
        assert changed == [], f"what is behind {starts} changed {changed}"

    def follow(self, *starts: str) -> None:
        waiting = list(starts)
        while waiting:
            path = waiting.pop(0)
            rule = self.rule_of(path)
            assert rule is not None, f"a link leads nowhere: {path}"
            paths = self.seen.setdefault(rule.rule, set())
            if path in paths or len(paths) >= PER_RULE or rule.rule in NOT_FOLLOWED:
                continue
            paths.add(path)
            waiting += self.look(path)

    def knock(self, path: str, **headers: str) -> Any:
        """GET one address; AssertionError when it writes to a table."""
        with overheard(self.app) as written:
            answer = self.pages.client.get(path, headers=headers)
        assert written == set(), f"GET {path} wrote to {written}"
        assert answer.status_code < 500, f"GET {path}: {answer.status_code}"
        return answer

    def look(self, path: str, **headers: str) -> Iterator[str]:
        """GET one address that opens, and what it leads to."""
        answer = self.knock(path, **headers)
        assert answer.status_code < 400, f"GET {path}: {answer.status_code}"
        if answer.data.startswith(b"<!doctype html>") and answer.status_code == 200:
            page = Page(path=path, status=200, html=answer.get_data(as_text=True))
            check_page(page)
            yield from (link for link in page.links() if link.startswith("/"))


def hold_a_time(visitor: Visitor) -> str:
    """Hold the first time that the site offers; the address of the details page."""
    pages = visitor.pages
    services = [
        link
        for link in pages.get("/book").links()
        if (rule := visitor.rule_of(link)) and rule.endpoint == "scheduling.choose_time"
    ]
    for link in services:
        page = pages.get(link)
        for form in page.forms:
            slots = [value for name, value in form.buttons if name == "slot"]
            if form.method == "post" and slots:
                return pages.post(form.action, {**form.values, "slot": slots[-1]}).path
    raise AssertionError("nothing can be booked in the demo clinic")


PATIENT = {"given_name": "Ida", "family_name": "Noor", "birth_date": "1980-02-01"}
PATIENT["email"] = "ida@example.com"


def book_a_visit(app: Flask) -> dict[str, str]:
    """Book by the API as the public does; the appointment as JSON."""
    client = app.test_client()
    today = now().date()
    span = f"from={today}&to={today + timedelta(days=30)}"
    for service in client.get("/api/v1/services").json["services"]:  # type: ignore[index]
        slots = client.get(f"/api/v1/slots?service={service['slug']}&{span}").json or {}
        if not slots.get("slots"):
            continue
        wish = {"service": service["slug"], "patient": PATIENT}
        wish["starts_at"] = slots["slots"][-1]["starts_at"]
        answer = client.post("/api/v1/appointments", json=wish)
        if answer.status_code == 201:
            return dict(answer.get_json())
    raise AssertionError("nothing could be booked in the demo clinic")


def block_a_night(app: Flask) -> str:
    """Somebody's time that nobody wants; its public id."""
    with app.app_context():
        at = now().replace(microsecond=0) + timedelta(days=40)
        return block_time(
            resource="okafor",
            starts_at=at.replace(hour=7),
            ends_at=at.replace(hour=8),
            kind="other",
            actor=Actor(kind="staff", name="Tests", role=Role.ADMIN),
            now=now(),
        )


def sign_in_as_patient(visitor: Visitor) -> str:
    """Sign in as whoever ``book_a_visit`` booked for; the address of their own page."""
    pages = visitor.pages
    visitor.walk("/portal/sign-in")
    pages.get("/portal/sign-in")
    pages.submit({"email": "ida@example.com"}, action="/portal/sign-in")
    visitor.walk("/portal/sign-in/code")
    [code] = sent_codes(visitor.app, at=now())
    pages.get("/portal/sign-in/code")
    born = {"birth_date-day": "1", "birth_date-month": "2", "birth_date-year": "1980"}
    pages.submit({"code": code, **born}, action="/portal/sign-in/code")
    with visitor.app.app_context():
        wanted = select(Patient.public_id).where(Patient.email == "ida@example.com")
        return f"/portal/people/{db.session.scalars(wanted).one()}"


IDA = PatientDetails(
    given_name="Ida", family_name="Noor", birth_date=date(1980, 2, 1), email="ida@example.com"
)


def ask_for_a_visit(app: Flask) -> RequestedVisit:
    """Put a request into the desk's queue."""
    wish = RequestWish(modality=Modality.IN_PERSON, reason="My hip hurts.")
    with app.app_context():
        return request_visit(wish=wish, patient=IDA, actor=PUBLIC, now=now())


def link_of(app: Flask, asked: RequestedVisit) -> str:
    """The address of a request's own page."""
    with app.app_context():
        return f"/requests/{request_token(asked)}"


def video_pages(app: Flask, visitor: Visitor) -> list[str]:
    """The video request's form behind the questions, a video visit's page and its guests'."""
    visitor.pages.get("/request/telehealth")
    visitor.pages.submit(typed(NOTHING), action="/intake/questions")
    with app.app_context():
        setting = get_setting()
        service = next(one for one in setting.services.values() if one.is_telehealth)
        someone = next(
            one for one in setting.practitioners.values() if service.slug in one.services
        )
        wish = Wish(
            service=service.slug,
            practitioner=someone.slug,
            starts_at=(now() + timedelta(days=9)).replace(minute=0, second=0, microsecond=0),
            state=next(one.state for one in someone.licences if one.state),
            override_reason="test",
        )
        token = visit_token(book_appointment(wish=wish, patient=IDA, actor=DESK, now=now()))
    room = f"/visits/{token}/video"
    visitor.pages.get(room)
    born = {"birth_date-day": "1", "birth_date-month": "2", "birth_date-year": "1980"}
    visitor.pages.submit(born, action=f"{room}/prove")
    links = visitor.pages.submit(action=f"{room}/guests").links()
    guest = next(link for link in links if link.startswith("/guests/"))
    return ["/request/telehealth", room, f"{room}/state", guest, f"{guest}/state"]


def wait_for_a_time(app: Flask) -> str:
    """Put whoever booked a visit on the waitlist too."""
    day = str(now().date() + timedelta(days=3))
    asked = {"service": "evaluation", "from": day, "to": day, "patient": PATIENT}
    return str(app.test_client().post("/api/v1/waitlist", json=asked).get_json()["id"])


def api_tour(visit_id: str) -> list[str]:
    today = now().date()
    span = f"from={today}&to={today + timedelta(days=7)}"
    return [
        *(f"/api/v1/{noun}" for noun in ("services", "practitioners", "locations", "openapi.json")),
        f"/api/v1/slots?service=evaluation&{span}",
        f"/api/v1/appointments?{span}",
        "/api/v1/visit-requests?status=requested",
        "/api/v1/waitlist?status=waiting",
        f"/api/v1/appointments/{visit_id}",
    ]


def walk_as_clinician(visitor: Visitor) -> None:
    """What the demo's patients told, as those read it who treat them."""
    visitor.pages = pages = PageClient(visitor.app)
    pages.get("/sign-in")
    pages.submit({"email": "clinician@example.com", "password": PASSWORD})
    with visitor.app.app_context():
        told = db.session.scalars(
            select(Patient.public_id)
            .join(Response, Response.patient_id == Patient.id)
            .where(Response.status == "completed")
        ).first()
        events = db.session.scalars(select(SafetyEvent.public_id)).first()
        completed = select(Response.public_id).where(Response.status == "completed")
        answers = db.session.scalars(completed).first()
    of = f"/desk/patients/{told}"
    visitor.walk(f"{of}/summary", f"{of}/intake", f"{of}/intake/pdf", f"/desk/safety/{events}")
    visitor.walk(*(f"/desk/answers/{answers}{what}" for what in ("", "/pdf", "/fhir")))


def knock_at_buyers_and_fillers_pages(visitor: Visitor, order: str) -> None:
    """What opens to a buyer or to whoever fills in a form, asked by somebody else."""
    nobody = "A" * 22
    bought = [f"/gait/orders/{order}/{what}" for what in ("times", "cancel")]
    papers = [f"/gait/orders/{order}/{what}/{nobody}" for what in ("reports", "receipts")]
    buying = ["/gait/buy/gait-3d", "/gait/buy/gait-3d/times"]
    forms = [f"/intake/forms/{nobody}/{what}" for what in ("check", "sent")]
    papers += [f"/desk/documents/{nobody}", f"/desk/patients/{nobody}/notes/{nobody}/reword"]
    questions = ["/intake/questions", "/intake/questions/stop", "/intake/who", "/intake/kiosk"]
    links = [f"/intake/{nobody}{nobody[:21]}", f"/calendar/{nobody}{nobody[:21]}.ics"]
    for path in (*bought, *papers, *buying, *forms, *questions, *links, f"/intake/stop/{nobody}"):
        visitor.knock(path)
        rule = visitor.rule_of(path)
        assert rule is not None, path
        visitor.seen.setdefault(rule.rule, set()).add(path)


def get_rules(app: Flask) -> set[str]:
    return {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())}


def draft_of_a_form(app: Flask) -> str:
    """A copy that a manager made of one of the demo's forms."""
    with app.app_context():
        version = list_versions()[0].public_id
        return copy_version(
            public_id=version, version="draft", reason="Clearer words", actor=OPERATOR, now=now()
        )


class TestGet:
    @pytest.fixture
    def visitor(self, demo_app: Flask) -> Visitor:
        return Visitor(demo_app)

    def test_changes_nothing_on_any_route(self, demo_app: Flask, visitor: Visitor) -> None:
        visit = book_a_visit(demo_app)
        with demo_app.app_context():
            admin: Any = {"role": Role.ADMIN, "actor": OPERATOR, "now": now()}
            link = create_staff(email="new@example.com", name="N", **admin)
            token = create_token(name="tests", **admin)
        visitor.walk("/", "/book", "/sign-in", "/healthz", "/_components", f"/set-up/{link}")
        visitor.walk("/robots.txt", "/sitemap.xml", "/sign-in/code", "/sign-in/recovery")
        visitor.walk(hold_a_time(visitor), urlsplit(visit["manage_url"]).path)
        visitor.walk(*(f"{urlsplit(visit['manage_url']).path}/{act}" for act in ("move", "cancel")))
        asked = ask_for_a_visit(demo_app)
        visitor.walk("/request/visit", link_of(demo_app, asked))
        visitor.walk(*video_pages(demo_app, visitor))
        with demo_app.app_context():
            owed = request_balance(
                appointment=visit["id"], cents=900, actor=DESK, now=now()
            ).public_id
        tour = ["/api/v1/orders", f"/api/v1/orders/{owed}"]
        tour.append(f"/api/v1/waitlist/{wait_for_a_time(demo_app)}")
        tour.append(f"/api/v1/visit-requests/{asked.public_id}")
        for path in [*api_tour(visit["id"]), *tour]:
            list(visitor.look(path, Authorization=f"Bearer {token}"))
            rule = visitor.rule_of(path)
            assert rule is not None
            visitor.seen.setdefault(rule.rule, set()).add(path)
        own = sign_in_as_patient(visitor)
        visitor.walk("/portal", own, f"{own}/data", "/portal/contact", "/portal/contact/code")
        visitor.walk(f"{own}/data.json")
        if "/desk" in get_rules(demo_app):
            visitor.pages.get("/sign-in")
            visitor.pages.submit({"email": "admin@example.com", "password": PASSWORD})
            # The list and the grid alone are fetched by their pages' scripts.
            visitor.walk(
                "/account/confirm", "/desk", "/desk/list", "/desk/calendar/grid", "/desk/search"
            )
            # Whether the day's list leads there depends on the hour and on the day of the week.
            visitor.walk(*(f"/desk/visits/{visit['id']}{what}" for what in ("", "/cancel")))
            visitor.walk(f"/desk/blocks/{block_a_night(demo_app)}")
            visitor.walk(f"/desk/find?reference={reference_of(1)}", "/desk/guardians/alone")
            visitor.knock("/desk/messages/kinds/sign-in-code/html")
            visitor.seen["/desk/messages/kinds/<kind>/html"] = set()
            visitor.walk(f"/desk/questionnaires/{draft_of_a_form(demo_app)}/edit/1")
            walk_as_clinician(visitor)
            knock_at_buyers_and_fillers_pages(visitor, owed)
        assert get_rules(demo_app) - {"/static/<path:filename>", "/readyz"} <= set(visitor.seen)

    def test_changes_nothing_when_a_server_builds_what_it_needs(self, demo_app: Flask) -> None:
        def looks() -> int:
            with demo_app.app_context(), db.engine.connect() as connection:
                return connection.execute(select(func.count()).select_from(AuditEntry)).scalar_one()

        before, looked = digest(demo_app), looks()
        warm_up_doors(demo_app)
        assert digest(demo_app) == before
        assert looks() == looked, "nobody looked, and it is on record that somebody did"

    def test_sees_a_change(self, demo_app: Flask, visitor: Visitor) -> None:
        before = digest(demo_app)
        book_a_visit(demo_app)
        after = digest(demo_app)
        assert "appointments" in {table for table in after if after[table] != before[table]}
        assert json.dumps(sorted(before)) == json.dumps(sorted(after))
