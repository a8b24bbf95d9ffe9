"""The product as real processes: it answers, survives a death, and tests can set its clock."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from tests.support.server import Server, run_command, running_worker


def ask(url: str) -> tuple[int, bytes, datetime]:
    """Status, body and the Date header of an answer."""
    try:
        with urlopen(url, timeout=60) as answer:  # noqa: S310 - an address of our own
            return answer.status, answer.read(), parsedate_to_datetime(answer.headers["Date"])
    except HTTPError as error:
        with error:
            return error.code, error.read(), parsedate_to_datetime(error.headers["Date"])


class TestServer:
    def test_answers_again_after_a_process_was_killed(self, server: Server) -> None:
        before = server.worker_pids
        killed = server.kill_worker()
        deadline = time.monotonic() + 60
        while killed in server.worker_pids or len(server.worker_pids) < len(before):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert ask(f"{server.base_url}/healthz")[0] == 200

    def test_is_ready_once_a_worker_is_alive(
        self, start_server: Callable[..., Server], settings: dict[str, str], tmp_path: Path
    ) -> None:
        server = start_server(workers=1)
        status, body, _ = ask(f"{server.base_url}/readyz")
        assert (status, json.loads(body)["worker"]) == (503, False)
        with running_worker(settings, log_dir=tmp_path):
            deadline = time.monotonic() + 60
            while ask(f"{server.base_url}/readyz")[0] != 200:
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def test_can_be_started_at_any_moment(self, start_server: Callable[..., Server]) -> None:
        moment = datetime(2031, 3, 30, 0, 59, 0, tzinfo=UTC)
        server = start_server(workers=1, starting_at=moment)
        status, _, said_at = ask(f"{server.base_url}/healthz")
        assert status == 200
        assert 0 <= (said_at - moment).total_seconds() < 300

    def test_is_gone_when_it_was_killed_as_a_whole(self, server: Server) -> None:
        server.kill()
        with pytest.raises(URLError):
            ask(f"{server.base_url}/healthz")


class TestRunCommand:
    def test_runs_a_command_on_this_database(self, settings: dict[str, str]) -> None:
        done = run_command(settings, "audit", "verify")
        assert done.returncode == 0, done.stderr
