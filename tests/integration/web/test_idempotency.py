"""One answer for one Idempotency-Key, whatever happens in between."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from clinic.core import clock
from clinic.core.db import db, housekeeping, transaction
from clinic.core.errors import Busy, Forbidden, Invalid, Refusal
from clinic.core.heartbeat import Heartbeat
from clinic.web import idempotency
from clinic.web.access import public
from clinic.web.idempotency import Answer, answer_once, remove_old_answers
from clinic.web.limits import TooMany
from clinic.web.models import IdempotentAnswer
from tests.integration.people.accounts import make_token
from tests.support.homes import Dress
from tests.support.server import ROOT, process_environment

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
PATH = "/api/v1/things"


class SlotTaken(Refusal):
    code = "slot-taken"
    message = "Somebody else was faster."


REFUSALS: dict[str, Callable[[], Refusal]] = {
    "taken": lambda: SlotTaken(alternatives=[{"z": 1, "a": 2}], word="\u00e9"),
    "invalid": lambda: Invalid({"patient.email": ["Enter one."]}),
    "forbidden": Forbidden,
    "many": TooMany,
    "busy": Busy,
}


@dataclass
class Gate:
    """Where somebody at work tells that they are, and waits until they may go on."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def pass_through(self) -> None:
        self.reached.set()
        assert self.opened.wait(60)


GATES: dict[str, Gate] = {}


@transaction
def make_thing(name: str, seconds: float = 0.0) -> str:
    number = db.session.scalar(select(func.count()).select_from(Heartbeat)) or 0
    thing = f"{name} {number}"
    db.session.add(Heartbeat(part=thing, beat_at=NOW))
    db.session.flush()
    time.sleep(seconds)
    if name in GATES:
        GATES[name].pass_through()
    return thing


@transaction
def refuse_thing(why: str) -> str:
    db.session.add(Heartbeat(part="half done", beat_at=NOW))
    db.session.flush()
    refusal = REFUSALS[why]()
    raise refusal


@housekeeping
def tidy() -> None:
    """Work beside the use case, which nobody may take for its answer."""


def told(thing: str) -> Answer:
    count = db.session.scalar(select(func.count()).select_from(Heartbeat))
    return {"z": thing, "a": count, "secret": "manage-url-of-ann"}, 201


def add_view(app: Flask) -> Flask:
    @app.post(PATH)
    @public
    def things() -> ResponseReturnValue:
        body = request.get_json()

        def run() -> str:
            tidy()
            if "preview" in body:
                return "only looked"
            if "why" in body:
                return refuse_thing(body["why"])
            return make_thing(body.get("name", "thing"), body.get("seconds", 0.0))

        answer, status = answer_once(body=body, run=run, answer=told, now=clock.now())
        return jsonify(answer), status

    return app


@pytest.fixture
def dress() -> Dress | None:
    return add_view


@pytest.fixture
def house(app: Flask) -> Flask:
    return app


@pytest.fixture
def client(house: Flask) -> FlaskClient:
    return house.test_client()


def post(client: FlaskClient, body: Any = None, *, key: str | None = "k1", **more: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    headers |= more.pop("headers", {})
    return client.post(PATH, json={} if body is None else body, headers=headers, **more)


def things(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Heartbeat.part).order_by(Heartbeat.part)))


class TestAnswerOnce:
    def test_does_it_once_and_answers_the_same(self, house: Flask, client: FlaskClient) -> None:
        first, second = post(client), post(client)
        assert first.status_code == second.status_code == 201
        assert first.data == second.data
        assert first.get_json()["a"] == 1  # the answer sees what its own transaction wrote
        assert things(house) == ["thing 0"]

    def test_does_it_each_time_without_a_key(self, house: Flask, client: FlaskClient) -> None:
        assert post(client, key=None).data != post(client, key=None).data
        assert len(things(house)) == 2

    def test_compares_bodies_as_json(self, house: Flask, client: FlaskClient) -> None:
        spellings = [
            '{"name": "x", "b": [1, {"c": null}]}',
            '{"b":[1,{"c":null}],"name":"\\u0078"}',
        ]
        answers = [
            client.post(
                PATH,
                data=text,
                content_type="application/json",
                headers={"Idempotency-Key": "k1"},
            )
            for text in spellings
        ]
        assert answers[0].data == answers[1].data
        assert len(things(house)) == 1

    def test_refuses_the_key_for_another_body(self, house: Flask, client: FlaskClient) -> None:
        post(client, {"name": "a"})
        answer = post(client, {"name": "b"})
        assert answer.status_code == 422
        assert answer.get_json()["type"].endswith("/idempotency-mismatch")
        assert things(house) == ["a 0"]

    def test_keeps_keys_of_callers_apart(self, house: Flask, client: FlaskClient) -> None:
        tokens = [make_token(house, name=name) for name in "ab"]
        for token in tokens:
            post(client, headers={"Authorization": f"Bearer {token}"})
        post(client)
        post(client, environ_base={"REMOTE_ADDR": "203.0.113.9"})
        assert len(things(house)) == 4
        for token in tokens:  # a token is the same caller wherever it calls from
            post(
                client,
                headers={"Authorization": f"Bearer {token}"},
                environ_base={"REMOTE_ADDR": "203.0.113.77"},
            )
        assert len(things(house)) == 4

    @pytest.mark.parametrize("why", ["taken", "invalid"])
    def test_keeps_refusals_too(self, house: Flask, client: FlaskClient, why: str) -> None:
        first = post(client, {"why": why})
        second = post(client, {"why": why})
        assert first.status_code == second.status_code == REFUSALS[why]().status
        assert first.data == second.data
        assert first.mimetype == second.mimetype == "application/problem+json"
        assert things(house) == []
        with house.app_context():
            assert db.session.scalar(select(func.count()).select_from(IdempotentAnswer)) == 1

    @pytest.mark.parametrize("why", ["forbidden", "many", "busy"])
    def test_keeps_nothing_that_passes(self, house: Flask, client: FlaskClient, why: str) -> None:
        assert post(client, {"why": why}).status_code == REFUSALS[why]().status
        assert post(client, {"name": "now it works"}).status_code == 201

    def test_keeps_what_was_only_looked_at(self, house: Flask, client: FlaskClient) -> None:
        first = post(client, {"preview": True})
        make = post(client, key="other")
        assert make.status_code == 201
        assert post(client, {"preview": True}).data == first.data

    @pytest.mark.parametrize("key", ["", " ", "a b", "\u00e9", "x" * 256])
    def test_refuses_keys_that_are_none(self, house: Flask, client: FlaskClient, key: str) -> None:
        answer = post(client, key=key)
        assert answer.status_code == 422
        assert "Idempotency-Key" in answer.get_json()["errors"]
        assert things(house) == []

    @pytest.mark.parametrize("key", ["x", "x" * 255, '"quoted"', "~!@#"])
    def test_takes_all_others(self, client: FlaskClient, key: str) -> None:
        assert post(client, key=key).status_code == 201

    def test_takes_any_json(self, client: FlaskClient) -> None:
        text = '{"name": "n", "odd": ["\\ud800", 1e999, -0.0, 123456789012345678901234567890]}'
        answers = {
            client.post(
                PATH,
                data=text,
                content_type="application/json",
                headers={"Idempotency-Key": "k1"},
            ).status_code
            for _ in range(2)
        }
        assert answers == {201}

    def test_seals_what_it_keeps(self, house: Flask, client: FlaskClient) -> None:
        post(client)
        with house.app_context():
            row = db.session.scalars(select(IdempotentAnswer)).one()
            assert "manage-url" not in row.body_sealed
            assert "127.0.0.1" not in row.slot
            assert json.loads(row.body or "")["body"]["z"] == "thing 0"

    def test_frees_the_key_after_a_day(
        self, house: Flask, client: FlaskClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(NOW)
        post(client, {"name": "first"})
        set_clock(NOW + timedelta(hours=24) - timedelta(seconds=1))
        assert post(client, {"name": "second"}).status_code == 422
        set_clock(NOW + timedelta(hours=24))
        assert post(client, {"name": "second"}).status_code == 201
        assert post(client, {"name": "second"}).get_json()["z"] == "second 1"

    def test_forgets_old_answers(
        self, house: Flask, client: FlaskClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(NOW)
        post(client)
        with house.app_context():
            for hours, left in ((23, 1), (24, 0)):
                remove_old_answers(now=NOW + timedelta(hours=hours))
                found = db.session.scalar(select(func.count()).select_from(IdempotentAnswer))
                assert found == left


class TestAtTheSameMoment:
    @pytest.mark.usefixtures("unhurried")
    def test_one_does_it_and_all_get_its_answer(self, house: Flask) -> None:
        answers, start = [], threading.Barrier(8)

        def run() -> None:
            client = house.test_client()
            start.wait()
            answers.append(post(client, {"name": "race", "seconds": 0.2}))

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.data for answer in answers}) == 1
        assert things(house) == ["race 0"]

    def test_who_waits_too_long_is_told_so(
        self, house: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert idempotency.WAIT_SECONDS == 5
        monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.5)
        gate = GATES["slow"] = Gate()
        codes: list[int] = []

        def run() -> None:
            codes.append(post(house.test_client(), {"name": "slow"}).status_code)

        thread = threading.Thread(target=run)
        thread.start()
        assert gate.reached.wait(60)
        began = time.monotonic()
        answer = post(house.test_client(), {"name": "slow"})
        waited = time.monotonic() - began
        gate.opened.set()
        thread.join()
        del GATES["slow"]
        assert (answer.status_code, codes) == (409, [201])
        assert answer.get_json()["type"].endswith("/in-progress")
        assert waited >= 0.5


DIES = """
import os, signal, sys
from clinic import create_app
from tests.integration.web.test_idempotency import add_view, kill_at
app = add_view(create_app())
kill_at(sys.argv[1])
app.test_client().post(
    "/api/v1/things", json={"name": "dying"}, headers={"Idempotency-Key": "k1"}
)
"""


def kill_at(moment: str) -> None:
    """Let this process be killed right before or after it commits an answer."""
    from sqlalchemy import event
    from sqlalchemy.orm import Session

    def die(_session: Session) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def wrote(session: Session, _context: object) -> None:
        if any(isinstance(row, IdempotentAnswer) for row in session.new):
            event.listen(session, f"{moment}_commit", die)

    event.listen(Session, "after_flush", wrote)


class TestDeath:
    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_leaves_all_or_nothing(
        self, house: Flask, client: FlaskClient, settings: dict[str, str], moment: str
    ) -> None:
        environ = {**process_environment(settings), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", DIES, moment], cwd=ROOT, env=environ, check=False, timeout=60
        )
        assert done.returncode == -signal.SIGKILL
        assert things(house) == ([] if moment == "before" else ["dying 0"])
        answer = post(client, {"name": "dying"})
        assert (answer.status_code, answer.get_json()["z"]) == (201, "dying 0")
        assert things(house) == ["dying 0"]
