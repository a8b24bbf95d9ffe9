"""An upload whose connection is cut: nothing of it stays, and the form goes on."""

import re
import socket
import struct
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from clinic.documents.queries import list_patient_documents
from clinic.documents.vault import list_files
from clinic.intake.queries.responses import answers_of, get_assigned
from tests.integration.intake.conftest import new_link
from tests.integration.intake.ground import (
    NOW,
    add_patient,
    ask,
    group,
    publish,
    question,
    small_form,
)
from tests.support.server import Server
from tests.support.timing import eventually
from tests.unit.documents.files import photo

FORM = [group("top", question("name", required=True), question("card-front", "attachment"))]
BORN = {"birth_date-month": "5", "birth_date-day": "4", "birth_date-year": "1985"}
HIDDEN = re.compile(r'<input type="hidden" name="(csrf_token|form|base|shown)" value="([^"]*)"')


def hidden(page: requests.Response) -> dict[str, str]:
    return dict(HIDDEN.findall(page.text))


def cut(page: requests.PreparedRequest, *, after: int) -> None:
    """Send the request up to that byte of its body, and tear the connection."""
    parts, body = urlsplit(str(page.url)), page.body
    assert isinstance(body, bytes)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in page.headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=30) as wire:
        wire.sendall(head + body[:after])
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
class TestACutUpload:
    def test_leaves_nothing_and_the_form_as_it_was(
        self, clinic: Flask, start_server: Callable[..., Server], tmp_path: Path
    ) -> None:
        with clinic.app_context():
            publish(small_form(items=FORM))
            patient = add_patient()
            assignment, link = ask(patient), new_link(patient)
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        # One thread: whatever is answered afterwards comes when the cut request has ended.
        server = start_server(workers=1, threads=1, starting_at=NOW, TMPDIR=str(scratch))
        browser, way_in = requests.Session(), f"{server.base_url}/intake/{link}"
        browser.post(way_in, data={**hidden(browser.get(way_in, timeout=60)), **BORN}, timeout=60)
        path = f"{server.base_url}/intake/forms/{assignment}/1"
        typed = {**hidden(browser.get(path, timeout=60)), "q1": "Ana"}
        saved = browser.post(path, data=typed, headers={"X-Saving": "saving"}, timeout=60)
        assert saved.ok
        page = browser.get(path, timeout=60)
        values = {**hidden(page), "q1": "Ana Ruiz", "do": "next"}
        large = requests.Request(
            "POST", path, data=values, files={"q2-file": ("card.jpg", b"x" * 3_000_000)}
        )
        prepared = browser.prepare_request(large)
        whole = len(prepared.body or b"")
        before = sorted(scratch.iterdir())
        for after in (0, whole // 2, whole - 1):
            cut(prepared, after=after)
            assert 'value="Ana"' in browser.get(path, timeout=60).text, after
        eventually(lambda: sorted(scratch.iterdir()) == before)
        with clinic.app_context():
            assert list_patient_documents(patient=patient) == []
            assert list_files(before=NOW + timedelta(days=9999)) == []
            response = get_assigned(public_id=assignment).response
            assert response is not None
            assert answers_of(response) == {"name": [{"valueString": "Ana"}]}
        card = {"q2-file": ("card.jpg", photo())}
        sent = browser.post(path, data=values, files=card, timeout=60)
        assert sent.url == f"{server.base_url}/intake/forms/{assignment}/check"
        with clinic.app_context():
            assert [one.name for one in list_patient_documents(patient=patient)] == ["card.jpg"]
