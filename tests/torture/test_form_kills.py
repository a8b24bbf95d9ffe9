"""Processes are killed at random while patients save: every acknowledged answer is there."""

import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
import requests

from clinic.core.clock import now
from clinic.core.db import db, transaction
from clinic.intake.models import Response
from clinic.intake.operations.links import add_link
from clinic.intake.queries.responses import answers_of, get_assigned, list_changes
from clinic.intake.rules.reading import read_json
from clinic.people.models import Patient
from tests.integration.intake import ground
from tests.support.apps import running_app
from tests.support.databases import ENGINE_KINDS, EngineKind
from tests.torture.conftest import SECONDS
from tests.torture.house import House

PATIENTS = 4
LONGEST_WAIT = 12.0
BORN = {"birth_date-month": "5", "birth_date-day": "4", "birth_date-year": "1985"}
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="(form|base|shown)" value="([^"]*)"')


@dataclass
class Writer:
    """A patient who writes one number after the other into one field, and notes what was taken."""

    url: str
    assignment: str
    token: str
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def write_until(self, stop: threading.Event) -> None:
        browser, number = self._come_in(), 0
        while not stop.is_set():
            number += 1
            with suppress(requests.RequestException):
                self._save(browser, f"{self.assignment[:4]}-{number}")

    def _come_in(self) -> requests.Session:
        while True:
            with suppress(requests.RequestException, AttributeError):
                browser = requests.Session()
                page = browser.get(f"{self.url}/intake/{self.token}", timeout=LONGEST_WAIT)
                proof = {"csrf_token": _csrf(page.text), **BORN}
                address = f"{self.url}/intake/{self.token}"
                came = browser.post(address, data=proof, timeout=LONGEST_WAIT)
                if came.ok and came.url.endswith("/intake"):
                    return browser

    def _save(self, browser: requests.Session, words: str) -> None:
        path = f"{self.url}/intake/forms/{self.assignment}/2"
        page = browser.get(path, timeout=LONGEST_WAIT)
        if not page.ok:
            return
        values = dict(HIDDEN.findall(page.text))
        data = {**values, "csrf_token": _csrf(page.text), "q5": words, "do": "next"}
        answer = browser.post(path, data=data, timeout=LONGEST_WAIT, allow_redirects=False)
        if answer.status_code == 303 and answer.headers["Location"].startswith("/intake/forms/"):
            self.acknowledged.append(words)
        elif answer.status_code not in {409, 503}:
            self.refused.append(f"{answer.status_code}: {answer.text[:300]}")


def _csrf(html: str) -> str:
    found = CSRF.search(html)
    if found is None:
        raise AttributeError("no form")
    return found[1]


@transaction
def _link(patient: str) -> str:
    person = db.session.query(Patient).filter_by(public_id=patient).one()
    return add_link(patient_id=person.id, now=now())


def _writers(house: House) -> list[Writer]:
    with (
        running_app(database_url=house.database_url, data_dir=house.folder / "data") as app,
        app.app_context(),
    ):
        ground.publish(ground.small_form())
        made = []
        for number in range(PATIENTS):
            patient = ground.add_patient(given=f"Pat{number}")
            made.append(Writer(house.url, ground.ask(patient), _link(patient)))
    return made


def _kill_at_random(house: House, seconds: float) -> int:
    chance, kills, until = random.Random(7), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.2, 1.0))
        for pid in chance.sample(house.serving_pids, k=min(1, len(house.serving_pids))):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                kills += 1
    return kills


@pytest.mark.parametrize("kind", ENGINE_KINDS)
class TestKills:
    def test_between_saves_lose_no_acknowledged_answer(
        self, fresh_house: Callable[..., House], kind: EngineKind
    ) -> None:
        house = fresh_house(kind)
        writers = _writers(house)
        house.serve()
        stop = threading.Event()
        threads = [threading.Thread(target=one.write_until, args=(stop,)) for one in writers]
        for thread in threads:
            thread.start()
        kills = _kill_at_random(house, min(SECONDS, 30))
        stop.set()
        for thread in threads:
            thread.join()
        assert kills > 5
        assert [one.refused for one in writers] == [[]] * PATIENTS
        assert all(len(one.acknowledged) > 5 for one in writers)
        with (
            running_app(database_url=house.database_url, data_dir=house.folder / "data") as app,
            app.app_context(),
        ):
            for one in writers:
                _assert_all_there(one)


def _assert_all_there(writer: Writer) -> None:
    response = get_assigned(public_id=writer.assignment).response
    assert isinstance(response, Response)
    rows = list_changes(response_id=response.id, since=0)
    assert [row.number for row in rows] == list(range(1, response.version + 1))
    changes = [read_json(data=(row.changes or "{}").encode()) for row in rows]
    saved = [change["words"][1][0]["valueString"] for change in changes if "words" in change]
    left = set(writer.acknowledged) - set(saved)
    assert left == set()
    last = answers_of(response)["words"][0]["valueString"]
    assert last == saved[-1]
    assert saved.index(last) >= saved.index(writer.acknowledged[-1])
