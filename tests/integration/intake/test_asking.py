"""Forms are asked for with a visit, follow it, and ask nothing that is known."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.core.values import Role
from clinic.intake.library import definition
from clinic.intake.models import FormAssignment, FormLink
from clinic.intake.operations.completing import complete_response
from clinic.intake.operations.questionnaires import Habits, write_habits
from clinic.intake.queries.responses import list_assigned
from clinic.messaging.models import Message
from clinic.messaging.rules import SENT
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.rules.status import Action
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file
from tests.integration.intake.conftest import come_in
from tests.integration.intake.ground import (
    ANA,
    NOW,
    add_patient,
    ask,
    coding,
    publish,
    save,
    small_form,
)
from tests.integration.messaging.test_outbox_page import end_all
from tests.integration.security.doors import staff_client
from tests.support.page_client import PageClient
from tests.support.page_clinic import CLINIC, KIM, PASSWORD, book, hire

FORMS = 'price_cents = 20000\nforms = ["small", "unknown"]'


@pytest.fixture
def clinic(app: Flask, set_clock: Callable[[datetime], None]) -> Flask:
    """A clinic whose evaluations ask for the small form."""
    with app.app_context():
        publish(small_form())
        text = CLINIC.replace("price_cents = 20000", FORMS, 1)
        load_clinic(file=read_clinic_file(data=text.encode()), actor=KIM, now=NOW)
    set_clock(NOW)
    return app


def open_forms() -> list[str | None]:
    db.session.expire_all()
    rows = db.session.query(FormAssignment).filter_by(withdrawn_at=None, done_at=None)
    return [row.about for row in rows]


def titles(*slugs: str) -> list[str]:
    return ["Small form" if one == "small" else definition(name=one)["title"] for one in slugs]


def kinds() -> list[str]:
    return sorted(kind for (kind,) in db.session.query(Message.kind) if kind.startswith("form"))


class TestVisit:
    def test_asks_for_its_forms_once_and_tells(self, clinic: Flask) -> None:
        with clinic.app_context():
            book("2026-03-05 10:00")
            earlier = book("2026-03-04 11:00")
            assert open_forms() == [f"appointment:{earlier.public_id}"]
            assert kinds() == ["forms-reminder", "forms-to-fill"]

    def test_takes_its_forms_back_when_it_is_cancelled(self, clinic: Flask) -> None:
        with clinic.app_context():
            visit = book("2026-03-05 10:00")
            take_step(
                public_id=visit.public_id,
                action=Action.CANCEL,
                actor=KIM,
                now=NOW,
                reason="called",
            )
            assert open_forms() == []

    def test_asks_not_again_for_what_was_answered_lately(self, clinic: Flask) -> None:
        with clinic.app_context():
            transaction(write_habits)(
                slug="small", habits=Habits(lasts_days=14), actor=KIM, now=NOW
            )
            visit = book("2026-03-05 10:00")
            asked = list_assigned(patient=visit.patient)[0]
            assert asked.version is not None
            saved = save(
                asked.assignment.public_id, {"hurts": [coding("no")]}, form=asked.version.public_id
            )
            complete_response(response=saved.response, version=saved.version, author=ANA, now=NOW)
            book("2026-03-04 11:00")
            assert open_forms() == []

    def test_asks_whom_a_form_is_meant_for(self, clinic: Flask) -> None:
        meant = [
            (Habits(for_whom="returning"), "2026-03-05 10:00", 0),
            (Habits(max_age=12), "2026-03-05 11:00", 0),
            (Habits(for_whom="new"), "2026-03-04 10:00", 1),
            (Habits(min_age=18), "2026-03-04 11:00", 2),
        ]
        with clinic.app_context():
            for who, (habits, start, count) in enumerate(meant, start=1):
                transaction(write_habits)(slug="small", habits=habits, actor=KIM, now=NOW)
                book(start, who=who)
                assert len(open_forms()) == count, habits

    def test_asks_for_what_the_manager_chose_on_the_forms_page(self, clinic: Flask) -> None:
        manager = PageClient(clinic)
        manager.client = staff_client(clinic, Role.ADMIN)
        path = "/desk/questionnaires/small/given"
        page = manager.get(path)
        assert page.form(path).values["services"] == ["eval"]
        page = manager.submit({"min_age": "80", "max_age": "70"}, action=path, status=422)
        assert 'href="#max_age"' in page.html
        chosen = {"services": ["screened"], "for_whom": "new", "max_age": "", "lasts_days": "30"}
        page = manager.submit({**chosen, "min_age": "18"}, action=path)
        assert "Given to new patients, aged 18 to 150, answers hold for 30 days" in page.text
        with clinic.app_context():
            book("2026-03-05 10:00")
            assert open_forms() == []
            book("2026-03-04 11:00", service="screened")
            assert len(open_forms()) == 1

    def test_lists_forms_in_the_order_that_the_manager_chose(self, clinic: Flask) -> None:
        manager = PageClient(clinic)
        manager.client = staff_client(clinic, Role.ADMIN)
        with clinic.app_context():
            for name in ("nprs", "psfs"):
                publish(definition(name=name))
            patient = add_patient()
            for slug in ("small", "psfs", "nprs"):
                ask(patient, slug=slug)
        page = manager.get("/desk/questionnaires")
        assert page.text.count("No service asks for it") == 2
        assert "Asked with: Evaluation" in page.text
        path = "/desk/questionnaires/psfs/given"
        assert manager.get(path).form(path).values["after"] == ["nprs"]
        manager.submit({"after": ""}, action=path)
        with clinic.app_context():
            slugs = [one.questionnaire.slug for one in list_assigned(patient=patient)]
            assert slugs == ["psfs", "small", "nprs"]
        manager.get("/desk/questionnaires/small/given")
        manager.submit({"after": "nprs"}, action="/desk/questionnaires/small/given")
        manager.get(path)
        manager.submit({"after": "gone"}, action=path, status=404)
        browser = come_in(clinic, patient)
        met = [browser.page.text.index(name) for name in titles("psfs", "nprs", "small")]
        assert met == sorted(met)

    def test_leads_to_its_forms_from_its_own_page(self, clinic: Flask) -> None:
        from clinic.scheduling.queries.links import visit_token

        with clinic.app_context():
            token = visit_token(book("2026-03-05 10:00"))
        browser = PageClient(clinic)
        page = browser.get(f"/visits/{token}")
        assert "1 form is open" in page.html
        page = browser.submit(action=f"/visits/{token}/forms")
        assert re.match(r"/intake/[A-Za-z0-9_-]{43}$", page.path)


class TestKnown:
    def test_is_offered_and_saved_only_when_it_is_confirmed(self, clinic: Flask) -> None:
        with clinic.app_context():
            publish(definition(name="about-you"))
            patient = add_patient()
            assignment = ask(patient, slug="about-you")
        browser, path = come_in(clinic, patient), f"/intake/forms/{assignment}/1"
        page = browser.get(path)
        assert "Still right?" in page.html
        assert page.form(path).values["q1"] == ["Ana"]
        with clinic.app_context():
            assert list_assigned(patient=patient)[0].response is None


class TestDesk:
    def test_sees_how_forms_stand_and_never_an_answer(self, clinic: Flask) -> None:
        with clinic.app_context():
            patient = add_patient()
            form = publish(small_form())
            said = {"words": [{"valueString": "CanaryWord"}]}
            save(ask(patient), said, form=form, section=2)
            email = hire(Role.FRONT_DESK)
        desk = PageClient(clinic)
        desk.get("/sign-in")
        desk.submit({"email": email, "password": PASSWORD})
        page = desk.get(f"/desk/patients/{patient}/forms")
        assert "Begun" in page.html
        assert "CanaryWord" not in page.html
        page = desk.submit({"helped": "y"}, action=f"/desk/patients/{patient}/forms/code")
        code = re.search(r"(\d{4} \d{4})", page.html)
        assert code is not None
        tablet = PageClient(clinic)
        tablet.get("/intake/kiosk")
        born = {"birth_date-month": "5", "birth_date-day": "4", "birth_date-year": "1985"}
        assert tablet.submit({"code": code[1], **born}).path == "/intake"
        again = PageClient(clinic)
        again.get("/intake/kiosk")
        again.submit({"code": code[1], **born}, status=422)

    def test_sends_the_link_again_once_a_minute_as_long_as_a_form_waits(
        self, clinic: Flask
    ) -> None:
        with clinic.app_context():
            publish(small_form())
            patient = add_patient()
            email = hire(Role.FRONT_DESK)
        desk, path = PageClient(clinic), f"/desk/patients/{patient}/forms"
        desk.get("/sign-in")
        desk.submit({"email": email, "password": PASSWORD})
        assert f"{path}/send" not in desk.get(path).html
        with clinic.app_context():
            ask(patient)
        desk.get(path)
        assert "The link was sent" in desk.submit({}, action=f"{path}/send").html
        desk.submit({}, action=f"{path}/send")
        with clinic.app_context():
            assert kinds() == ["forms-to-fill"]
            end_all(SENT)
            links = len(db.session.scalars(select(FormLink.token_hash)).all())
        messages = f"/desk/patients/{patient}/messages"
        forms = desk.get(messages).forms
        again = next(form.action for form in forms if form.action.endswith("/again"))
        assert "It is sent again" in desk.submit({}, action=again).text
        with clinic.app_context():
            assert kinds() == ["forms-to-fill"] * 2
            assert len(db.session.scalars(select(FormLink.token_hash)).all()) == links + 1

    def test_lets_the_tablet_lock_itself(
        self, clinic: Flask, set_clock: Callable[[datetime], None]
    ) -> None:
        from clinic.intake.operations.links import make_kiosk_code

        with clinic.app_context():
            patient = add_patient()
            code = make_kiosk_code(patient=patient, is_helped=False, actor=KIM, now=NOW)
        tablet = PageClient(clinic)
        tablet.get("/intake/kiosk")
        born = {"birth_date-month": "5", "birth_date-day": "4", "birth_date-year": "1985"}
        tablet.submit({"code": code, **born})
        set_clock(NOW + timedelta(minutes=5, seconds=1))
        assert tablet.get("/intake").path == "/intake/kiosk"


class TestImport:
    def test_refuses_another_text_of_a_version_in_use(
        self, clinic: Flask, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        import json

        file = tmp_path_factory.mktemp("forms") / "small.json"
        changed = small_form(items=[{"linkId": "a", "type": "string", "text": "A?"}])
        file.write_text(json.dumps(changed), "utf-8")
        run = clinic.test_cli_runner().invoke(args=["questionnaire", "import", str(file)])
        assert (run.exit_code, "new version" in run.output) == (1, True)
        file.write_text(json.dumps({**changed, "version": "2"}), "utf-8")
        args = ["questionnaire", "import", str(file), "--activate"]
        assert clinic.test_cli_runner().invoke(args=args).exit_code == 0
        assert clinic.test_cli_runner().invoke(args=args).exit_code == 0
