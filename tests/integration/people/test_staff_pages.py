"""The pages on which a manager looks after staff, and the rule that somebody must manage."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.values import SYSTEM, Role
from clinic.messaging.models import Message
from clinic.people.models import Staff
from clinic.people.operations import LastManager, change_role, disable_staff, sign_in
from tests.integration.people.accounts import EMAIL, PASSWORD, make_staff
from tests.integration.people.accounts import sign_in as sign_in_page
from tests.support.page_client import PageClient
from tests.support.page_clinic import load

BO = "bo@example.com"


@pytest.fixture
def manager(app: Flask, pages: PageClient) -> PageClient:
    """Amara, who runs the clinic, signed in; Bo works at the desk."""
    with app.app_context():
        load()
    make_staff(app, role=Role.ADMIN)
    make_staff(app, email=BO)
    sign_in_page(pages)
    return pages


def id_of(app: Flask, email: str) -> str:
    with app.app_context():
        return str(db.session.scalars(select(Staff.public_id).where(Staff.email == email)).one())


def act(pages: PageClient, public_id: str, what: str, *, status: int = 200) -> str:
    pages.get(f"/desk/staff/{public_id}")
    return pages.submit(action=f"/desk/staff/{public_id}/{what}", status=status).text


class TestStaffPages:
    def test_invite_by_mail_and_show_the_link_once(self, app: Flask, manager: PageClient) -> None:
        manager.get("/desk/staff/new")
        page = manager.submit(
            {"name": "Robin", "email": "robin@example.com", "role": "clinician"},
            action="/desk/staff/new",
        )
        link = page.text.split("/set-up/")[1].split()[0]
        with app.app_context():
            assert db.session.scalars(select(Message.kind)).all() == ["staff-set-up"]
        assert PageClient(app).get(f"/set-up/{link}").h1 == "Choose your password"
        assert "Invited" in manager.get("/desk/staff").text

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ({"name": "", "email": ""}, "Enter the name."),
            ({"name": "A", "email": "no"}, "name@example.com"),
            ({"name": "A", "email": EMAIL}, "already a member of staff"),
            ({"name": "A\x00", "email": "a@example.com"}, "cannot be printed"),
            ({"name": "A", "email": "a@example.com", "role": "king"}, "Not a valid choice"),
        ],
    )
    def test_say_at_the_field_what_is_wrong(
        self, manager: PageClient, typed: dict[str, str], told: str
    ) -> None:
        manager.get("/desk/staff/new")
        page = manager.submit(typed, action="/desk/staff/new", status=422)
        assert told in page.text

    def test_change_a_role_and_end_the_sessions(self, app: Flask, manager: PageClient) -> None:
        """ASVS 7.4.2 and 8.3.2: what somebody may do changes at once."""
        bo = PageClient(app)
        sign_in_page(bo, email=BO)
        manager.get(f"/desk/staff/{id_of(app, BO)}")
        manager.submit({"role": "auditor"}, action=f"/desk/staff/{id_of(app, BO)}/role")
        assert bo.get("/account").h1 == "Staff sign-in"
        sign_in_page(bo, email=BO)
        assert "auditor" in bo.get("/account").text

    def test_close_an_account_and_open_it_again(self, app: Flask, manager: PageClient) -> None:
        """ASVS 7.4.2: sessions end when an account is closed."""
        bo, public_id = PageClient(app), id_of(app, BO)
        sign_in_page(bo, email=BO)
        assert "The account is closed" in act(manager, public_id, "disable")
        assert bo.get("/account").h1 == "Staff sign-in"
        bo.submit({"email": BO, "password": PASSWORD}, action="/sign-in", status=422)
        assert "open again" in act(manager, public_id, "enable")
        sign_in_page(bo, email=BO)

    def test_sign_somebody_out_and_take_a_lost_app_away(
        self, app: Flask, manager: PageClient
    ) -> None:
        bo, public_id = PageClient(app), id_of(app, BO)
        sign_in_page(bo, email=BO)
        assert "signed out everywhere" in act(manager, public_id, "sign-out")
        assert bo.get("/account").h1 == "Staff sign-in"

    def test_send_a_new_link(self, app: Flask, manager: PageClient) -> None:
        assert "/set-up/" in act(manager, id_of(app, BO), "link")

    def test_do_not_close_the_account_of_the_last_manager(
        self, app: Flask, manager: PageClient
    ) -> None:
        me = id_of(app, EMAIL)
        assert "only manager" in act(manager, me, "disable", status=409)
        manager.get(f"/desk/staff/{me}")
        page = manager.submit({"role": "auditor"}, action=f"/desk/staff/{me}/role", status=409)
        assert page.title.startswith("Error: ")

    def test_are_for_managers_only(self, app: Flask, manager: PageClient) -> None:
        bo = PageClient(app)
        sign_in_page(bo, email=BO)
        for path in ("", "/new", f"/{id_of(app, EMAIL)}"):
            bo.get(f"/desk/staff{path}", status=403)

    @pytest.mark.parametrize("public_id", ["nobody", "x" * 3000, "%00"])
    def test_find_nobody_of_another_id(self, manager: PageClient, public_id: str) -> None:
        manager.get(f"/desk/staff/{public_id}", status=404)
        proof = {"csrf_token": manager.get("/desk/staff").form("/sign-out").values["csrf_token"]}
        for what in ("link", "disable", "enable", "sign-out", "reset-second-factor"):
            manager.post(f"/desk/staff/{public_id}/{what}", proof, status=404)

    def test_ask_for_the_password_before_they_change_anything(
        self, app: Flask, manager: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        """ASVS 7.5.1."""
        set_clock(now() + timedelta(minutes=16))
        manager.get(f"/desk/staff/{id_of(app, BO)}")
        page = manager.submit(action=f"/desk/staff/{id_of(app, BO)}/disable")
        assert page.h1 == "Your password, once more"
        sign_in_page(PageClient(app), email=BO)

    def test_are_on_record(self, app: Flask, manager: PageClient) -> None:
        act(manager, id_of(app, BO), "disable")
        with app.app_context():
            entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
            assert entry is not None
            assert (entry.action, entry.actor_name) == ("staff.disabled", "Amara Osei")


@pytest.mark.usefixtures("unhurried")
class TestLastManager:
    @pytest.mark.parametrize("way", ["disable", "role"])
    def test_stays_when_two_close_each_others_account_at_once(self, app: Flask, way: str) -> None:
        make_staff(app, role=Role.ADMIN)
        make_staff(app, email=BO, role=Role.ADMIN)
        ready, refused = threading.Barrier(2), []

        def close(public_id: str) -> None:
            with app.app_context():
                ready.wait()
                try:
                    if way == "disable":
                        disable_staff(public_id=public_id, actor=SYSTEM, now=now())
                    else:
                        change_role(public_id=public_id, role=Role.AUDITOR, actor=SYSTEM, now=now())
                except LastManager:
                    refused.append(public_id)

        ids = [id_of(app, EMAIL), id_of(app, BO)]
        threads = [threading.Thread(target=close, args=(one,)) for one in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 1

    def test_is_not_somebody_who_was_only_invited(self, app: Flask) -> None:
        make_staff(app, role=Role.ADMIN)
        with app.app_context():
            from clinic.people.operations import create_staff

            create_staff(email=BO, name="Bo", role=Role.ADMIN, actor=SYSTEM, now=now())
            me = str(db.session.scalars(select(Staff.public_id).where(Staff.email == EMAIL)).one())
            with pytest.raises(LastManager):
                disable_staff(public_id=me, actor=SYSTEM, now=now())
            assert sign_in(email=EMAIL, password=PASSWORD, now=now()).token
