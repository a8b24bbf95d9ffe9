"""The desk's links: for each role those pages that it may open, in the order of the day's work."""

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _l
from werkzeug.routing import Rule

from clinic.core.values import Role
from clinic.desk.views import DESK
from clinic.web.access import access_rule
from clinic.web.navigation import add_desk_link, list_desk_links
from tests.support.page_client import PageClient
from tests.support.page_clinic import PASSWORD, hire, load


def rule_of(app: Flask, path: str) -> Rule:
    rule, _arguments = app.url_map.bind("localhost").match(path, return_rule=True)
    return rule


def signed_in(app: Flask, pages: PageClient, role: Role) -> PageClient:
    with app.app_context():
        load()
        email = hire(role)
    pages.get("/sign-in")
    pages.submit({"email": email, "password": PASSWORD}, follow=False, status=303)
    return pages


class TestDeskLinks:
    def test_name_exactly_the_roles_that_the_page_lets_in(self, app: Flask) -> None:
        for link in list_desk_links(app):
            rule = access_rule(app.view_functions[rule_of(app, link.path).endpoint])
            assert rule is not None
            assert link.roles == rule.roles, link.path

    def test_stand_in_their_order(self, app: Flask) -> None:
        orders = [link.order for link in list_desk_links(app)]
        assert orders == sorted(set(orders))

    @pytest.mark.parametrize("role", DESK)
    def test_are_shown_to_those_who_may_open_them(
        self, app: Flask, pages: PageClient, role: Role
    ) -> None:
        shown = signed_in(app, pages, role).get("/desk").links()
        for link in list_desk_links(app):
            assert (link.path in shown) == (role in link.roles)

    def test_leave_out_what_is_not_built(self, app: Flask, pages: PageClient) -> None:
        add_desk_link(
            app, path="/desk/nowhere", icon="list", words=_l("Nowhere"), roles=Role, order=999
        )
        assert "/desk/nowhere" not in signed_in(app, pages, Role.ADMIN).get("/desk").links()

    def test_mark_where_the_reader_is(self, app: Flask, pages: PageClient) -> None:
        page = signed_in(app, pages, Role.FRONT_DESK).get("/desk")
        marked = [e.attrib["href"] for e in page.tree.iter("a") if "aria-current" in e.attrib]
        assert "/desk" in marked


class TestStart:
    @pytest.mark.parametrize("role", Role)
    def test_leads_each_role_to_a_page_of_its_own(
        self, app: Flask, pages: PageClient, role: Role
    ) -> None:
        mine = [link.path for link in list_desk_links(app) if role in link.roles]
        page = signed_in(app, pages, role).get("/desk/start", status=200 if mine else 403)
        assert page.path == (mine[0] if mine else "/desk/start")
