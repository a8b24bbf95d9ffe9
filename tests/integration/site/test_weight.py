"""What a public page weighs over the wire: 40 KB and eight requests, fonts apart."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

PATHS = (
    "/",
    "/conditions",
    "/conditions/buttock-pain",
    "/people",
    "/people/okafor",
    "/privacy",
    "/gait",
    "/payments/success",
    "/book",
    "/book/eval",
    "/request/visit",
    "/portal/sign-in",
    "/sign-in",
)
PACKED = ("gait.catalogue", "scheduling.services", "scheduling.request_visit")
MOST_BYTES = 40 * 1024
MOST_REQUESTS = 8
LOADED = re.compile(r'<(?:link|script|img)\b[^>]*?(?:href|src)="(/static/[^"]+)"')


def size(client: FlaskClient, path: str) -> int:
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, path
    return len(answer.data)


class TestWeight:
    @pytest.mark.parametrize("path", PATHS)
    def test_is_small(self, clinic: Flask, path: str) -> None:
        client = clinic.test_client()
        loaded = set(LOADED.findall(client.get(path).text))
        others = [asset for asset in loaded if ".woff2" not in asset]
        total = size(client, path) + sum(size(client, asset) for asset in others)
        assert total <= MOST_BYTES, total
        assert 1 + len(others) <= MOST_REQUESTS


class TestPacked:
    def test_sends_plain_to_whoever_takes_nothing_else(self, clinic: Flask) -> None:
        answer = clinic.test_client().get("/")
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" in answer.headers["Vary"]

    def test_never_packs_a_page_that_carries_a_proof(self, clinic: Flask) -> None:
        for rule in clinic.url_map.iter_rules():
            if "GET" in (rule.methods or set()) and not rule.arguments:
                answer = clinic.test_client().get(rule.rule, headers={"Accept-Encoding": "gzip"})
                if rule.endpoint.split(".")[0] != "site" and rule.endpoint not in PACKED:
                    assert "Content-Encoding" not in answer.headers, rule.rule
