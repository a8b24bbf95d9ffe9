"""What holds for every route: who may call it is said, and forms prove where they came from."""

import re
from collections.abc import Iterator
from inspect import iscoroutinefunction

import pytest
from flask import Flask
from werkzeug.routing import Rule

from clinic.web.access import TOKEN_API, access_rule

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Called by machines that prove themselves in another way, never by a browser with our cookies.
WITHOUT_CSRF = frozenset({"/messages/sms/webhook", "/payments/stripe/webhook"})


def rules(app: Flask) -> Iterator[Rule]:
    yield from app.url_map.iter_rules()


def some_path(rule: Rule) -> str:
    """An address of the rule; what stands for a thing names one that does not exist."""
    return re.sub(
        r"<(?:int:|float:)[^>]+>", "1", re.sub(r"<[^>:]*>|<string[^>]+>", "none", rule.rule)
    )


class TestRoutes:
    def test_are_there(self, app: Flask) -> None:
        assert len(list(rules(app))) > 5

    def test_have_an_access_rule(self, app: Flask) -> None:
        bare = [
            rule.rule
            for rule in rules(app)
            if access_rule(app.view_functions[rule.endpoint]) is None
        ]
        assert bare == []

    def test_are_plain_functions(self, app: Flask) -> None:
        """``LeanFlask`` calls them, and what runs around them, without asking whether they are."""
        called: list[object] = [*app.view_functions.values()]
        for before in app.before_request_funcs.values():
            called += before
        for after in app.after_request_funcs.values():
            called += after
        for teardown in app.teardown_request_funcs.values():
            called += teardown
        assert [one for one in called if iscoroutinefunction(one)] == []

    def test_say_their_methods_apart(self, app: Flask) -> None:
        """A view that both shows and changes cannot be told apart by who may, or by its tests."""
        both = [
            f"{rule.rule} {rule.endpoint}"
            for rule in rules(app)
            if {"GET", "POST"} <= (rule.methods or set())
        ]
        assert both == []

    def test_refuse_forms_that_bring_no_token(self, app: Flask) -> None:
        client = app.test_client()
        open_doors = []
        for rule in rules(app):
            if rule.rule.startswith(TOKEN_API) or rule.rule in WITHOUT_CSRF:
                continue
            for method in sorted((rule.methods or set()) - SAFE):
                answer = client.open(some_path(rule), method=method, data={"a": "b"})
                if answer.status_code != 400:
                    open_doors.append(f"{method} {rule.rule}: {answer.status_code}")
        assert open_doors == []

    def test_send_strangers_away_from_what_is_not_public(self, app: Flask) -> None:
        client = app.test_client()
        let_in = []
        for rule in rules(app):
            asked = access_rule(app.view_functions[rule.endpoint])
            if asked is None or asked.is_public or "GET" not in (rule.methods or set()):
                continue
            answer = client.get(some_path(rule))
            wanted = {401} if rule.rule.startswith(TOKEN_API) else {303}
            if answer.status_code not in wanted:
                let_in.append(f"{rule.rule}: {answer.status_code}")
        assert let_in == []

    @pytest.mark.parametrize("path", ["/nothing-here", "/api/v1/nothing-here"])
    def test_answer_404_where_there_is_none(self, app: Flask, path: str) -> None:
        assert app.test_client().get(path).status_code == 404
