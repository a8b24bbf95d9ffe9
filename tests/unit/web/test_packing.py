"""Pages over the wire: packed where nobody typed anything into them."""

import gzip
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.web.packing import WORTH_BYTES, packed

LONG = "A word about hips. " * 200


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("pages")
    bodies = {
        "long": LONG,
        "short": "x" * (WORTH_BYTES - 1),
    }
    for name, body in bodies.items():
        app.add_url_rule(f"/{name}", name, packed(partial(str, body)))
    return app.test_client()


class TestPacked:
    def test_packs_a_page_for_a_browser_that_takes_it(self, client: FlaskClient) -> None:
        answer = client.get("/long", headers={"Accept-Encoding": "br, gzip"})
        assert gzip.decompress(answer.data).decode() == LONG
        assert answer.content_length == len(answer.data) < len(LONG) / 10

    @pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0"])
    def test_sends_it_plain_to_others(self, client: FlaskClient, accepted: str) -> None:
        answer = client.get("/long", headers={"Accept-Encoding": accepted})
        assert answer.text == LONG
        assert "Accept-Encoding" in answer.headers["Vary"]

    def test_leaves_what_is_small_alone(self, client: FlaskClient) -> None:
        answer = client.get("/short", headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers
