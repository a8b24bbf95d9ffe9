"""Deny by default: who comes in where, and with which proof."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.values import SYSTEM, Role
from clinic.people.operations import revoke_tokens
from clinic.web.access import (
    access_rule,
    allow,
    client_address,
    current_actor,
    public,
    signed_in_staff,
)
from tests.integration.people.accounts import make_staff, make_token, sign_in
from tests.support.homes import Dress
from tests.support.page_client import PageClient

API = "/api/v1/try"


def who() -> ResponseReturnValue:
    actor = current_actor()
    return jsonify(kind=actor.kind, role=actor.role, name=actor.name, address=client_address())


def add_views(app: Flask) -> Flask:
    """Pages and API views of each kind of rule."""
    open_page, open_call = public(partial(who)), public(partial(who))
    staff_page = allow(Role.FRONT_DESK)(partial(who))
    staff_call = allow(Role.FRONT_DESK, Role.ADMIN)(partial(who))
    also = public(lambda: jsonify(signed_in=signed_in_staff() is not None))
    for path, view in (
        ("/try/open", open_page),
        ("/try/staff", staff_page),
        ("/try/forgotten", partial(who)),
        ("/try/also", also),
        (f"{API}/open", open_call),
        (f"{API}/staff", staff_call),
        (f"{API}/forgotten", partial(who)),
    ):
        app.add_url_rule(path, path, view, methods=["GET", "POST"])
    return app


@pytest.fixture
def dress() -> Dress | None:
    return add_views


@pytest.fixture
def house(app: Flask) -> Flask:
    return app


@pytest.fixture
def client(house: Flask) -> FlaskClient:
    return house.test_client()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class TestPages:
    def test_without_a_rule_are_refused_to_everybody(
        self, house: Flask, client: FlaskClient, pages: PageClient
    ) -> None:
        assert client.get("/try/forgotten").status_code == 403
        make_staff(house, role=Role.ADMIN)
        sign_in(pages)
        pages.get("/try/forgotten", status=403)

    def test_of_the_public_know_nobody(self, house: Flask, pages: PageClient) -> None:
        assert pages.client.get("/try/open").get_json()["kind"] == "public"
        assert pages.client.get("/try/also").get_json() == {"signed_in": False}
        make_staff(house)
        sign_in(pages)
        assert pages.client.get("/try/open").get_json()["kind"] == "public"
        assert pages.client.get("/try/also").get_json() == {"signed_in": True}

    @pytest.mark.parametrize(
        ("path", "next_"),
        [
            ("/try/staff", "?next=%2Ftry%2Fstaff"),
            ("/try/staff?a=1&b=/x", "?next=%2Ftry%2Fstaff%3Fa%3D1%26b%3D%2Fx"),
        ],
    )
    def test_of_staff_send_others_to_sign_in(
        self, client: FlaskClient, path: str, next_: str
    ) -> None:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in{next_}")

    def test_know_who_signed_in(self, house: Flask, pages: PageClient) -> None:
        make_staff(house)
        sign_in(pages)
        told = pages.client.get("/try/staff").get_json()
        assert (told["kind"], told["role"], told["name"]) == ("staff", "front_desk", "Amara Osei")

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.FRONT_DESK])
    def test_refuse_every_role_that_is_not_named(
        self, house: Flask, pages: PageClient, role: Role
    ) -> None:
        make_staff(house, role=role)
        sign_in(pages)
        pages.get("/try/staff", status=403)

    def test_take_no_token(self, house: Flask, client: FlaskClient) -> None:
        token = make_token(house)
        assert client.get("/try/staff", headers=bearer(token)).status_code == 303

    def test_that_are_none_are_not_found(self, client: FlaskClient) -> None:
        assert client.get("/try/nothing").status_code == 404
        assert client.get("/api/v1/nothing").status_code == 404
        assert client.delete("/try/open").status_code == 405


class TestForms:
    @pytest.mark.parametrize("path", ["/try/open", "/try/staff", "/try/forgotten", "/sign-in"])
    @pytest.mark.parametrize("token", [None, "", "made-up", "x" * 10_000, "\x00"])
    def test_need_proof_that_they_are_ours(
        self, client: FlaskClient, path: str, token: str | None
    ) -> None:
        answer = client.post(path, data={} if token is None else {"csrf_token": token})
        assert answer.status_code == 400
        assert "Please send the form again" in answer.text

    def test_do_not_pass_with_the_proof_of_another_browser(
        self, house: Flask, pages: PageClient
    ) -> None:
        pages.get("/sign-in")
        proof = pages.page.form().values["csrf_token"]
        stranger = house.test_client()
        stranger.get("/sign-in")
        assert stranger.post("/try/open", data={"csrf_token": proof}).status_code == 400
        assert pages.client.post("/try/open", data={"csrf_token": proof}).status_code == 200

    def test_of_2_mb_are_no_fault_of_ours(self, client: FlaskClient) -> None:
        answer = client.post("/sign-in", data={"csrf_token": "x" * 2_000_000})
        assert answer.status_code in {400, 413}


class TestApi:
    def test_without_a_rule_is_refused_to_everybody(
        self, house: Flask, client: FlaskClient
    ) -> None:
        answer = client.get(f"{API}/forgotten", headers=bearer(make_token(house)))
        assert answer.status_code == 403
        assert answer.get_json()["type"].endswith("/forbidden")

    def test_asks_for_a_token_where_one_is_needed(self, client: FlaskClient) -> None:
        answer = client.get(f"{API}/staff")
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.get_json()["type"].endswith("/unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_knows_the_token(self, house: Flask, client: FlaskClient) -> None:
        token = make_token(house, name="Front door")
        for path in ("open", "staff"):
            told = client.get(f"{API}/{path}", headers=bearer(token)).get_json()
            assert (told["kind"], told["role"], told["name"]) == (
                "token",
                "front_desk",
                "Front door",
            )

    def test_refuses_other_roles(self, house: Flask, client: FlaskClient) -> None:
        token = make_token(house, role=Role.AUDITOR)
        assert client.get(f"{API}/staff", headers=bearer(token)).status_code == 403

    @pytest.mark.parametrize("path", ["open", "staff"])
    @pytest.mark.parametrize(
        "given", ["Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "", "x" * 9000, "Bearer \xe9"]
    )
    def test_refuses_a_wrong_token_even_where_none_is_needed(
        self, client: FlaskClient, path: str, given: str
    ) -> None:
        answer = client.get(f"{API}/{path}", headers={"Authorization": given})
        assert answer.status_code == 401

    def test_refuses_a_revoked_token(self, house: Flask, client: FlaskClient) -> None:
        token = make_token(house, name="old")
        with house.app_context():
            revoke_tokens(which="old", actor=SYSTEM, now=now())
        assert client.get(f"{API}/staff", headers=bearer(token)).status_code == 401

    def test_honours_no_cookie(self, house: Flask, pages: PageClient) -> None:
        make_staff(house)
        sign_in(pages)
        assert pages.client.get(f"{API}/staff").status_code == 401
        assert pages.client.get(f"{API}/open").get_json()["kind"] == "public"

    def test_needs_no_proof_of_a_form(self, client: FlaskClient) -> None:
        assert client.post(f"{API}/open").status_code == 200


SPOOF = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Host": "evil.example"}


class TestClientAddress:
    def test_ignores_what_the_caller_says(self, client: FlaskClient) -> None:
        assert client.get("/try/open", headers=SPOOF).get_json()["address"] == "127.0.0.1"

    def test_believes_as_many_proxies_as_there_are(self, make_app: Callable[..., Flask]) -> None:
        client = add_views(make_app(TRUSTED_PROXIES="1")).test_client()
        told = client.get("/try/open", headers=SPOOF).get_json()
        assert told["address"] == "198.51.100.7"


class TestRules:
    def test_are_given_once(self) -> None:
        with pytest.raises(ValueError, match="one access rule"):
            public(allow(Role.ADMIN)(lambda: ""))

    def test_name_roles(self) -> None:
        with pytest.raises(ValueError, match="name the roles"):
            allow()

    @pytest.fixture
    def dress(self) -> None:
        """The product as it is."""

    def test_stand_at_every_view_of_the_product(self, app: Flask) -> None:
        without = [name for name, view in app.view_functions.items() if access_rule(view) is None]
        assert without == []
