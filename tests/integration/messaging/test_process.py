"""Real workers: how soon they send, and that several of them and a killed one do no harm."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from clinic.core import clock
from clinic.messaging.rounds import UNNOTED
from tests.integration.messaging.outbox import post, states
from tests.support.mail_sink import Sink
from tests.support.server import running_worker
from tests.support.timing import assert_takes, eventually


@pytest.fixture
def settings(settings: dict[str, str], sink: Sink) -> dict[str, str]:
    """The settings of processes that send to the sink."""
    return {**settings, "SMTP_URL": sink.url}


@pytest.fixture
def mailing_settings(settings: dict[str, str], mailing_app: Flask) -> dict[str, str]:
    """The same, once there is an app on their database."""
    return settings


def logs(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


class TestWorker:
    def test_sends_within_two_seconds_of_a_commit_it_was_not_told_of(
        self, mailing_settings: dict[str, str], sink: Sink, tmp_path: Path
    ) -> None:
        with running_worker(mailing_settings, log_dir=tmp_path):
            post(now=clock.now())
            sink.wait_for(1)

            def waited() -> float:
                post(now=clock.now())
                return sink.wait_for(len(sink.mails) + 1)

            assert_takes(waited, less_than=2)
        assert "Ann" not in (tmp_path / "worker.log").read_text()


class TestSeveralWorkers:
    @pytest.mark.torture
    def test_send_each_message_once(
        self, mailing_settings: dict[str, str], sink: Sink, tmp_path: Path
    ) -> None:
        count = 120
        for number in range(count):
            post(code=str(number), now=clock.now())
        with (
            running_worker(mailing_settings, log_dir=logs(tmp_path, "a")),
            running_worker(mailing_settings, log_dir=logs(tmp_path, "b")),
            running_worker(mailing_settings, log_dir=logs(tmp_path, "c")),
        ):
            sink.wait_for(count, within_seconds=60)
        assert Counter(states()) == {"sent": count}
        assert set(Counter(mail["Message-ID"] for mail in sink.mails).values()) == {1}

    def test_lose_nothing_when_one_is_killed(
        self, mailing_settings: dict[str, str], sink: Sink, tmp_path: Path
    ) -> None:
        """The one that comes after has a clock behind the end of the killed one's lease."""
        count = 40
        for number in range(count):
            post(code=str(number), now=clock.now())
        with running_worker(mailing_settings, log_dir=logs(tmp_path, "a")) as first:
            sink.wait_for(15)
            first.kill()
        later = clock.now() + timedelta(seconds=70)
        with running_worker(mailing_settings, log_dir=logs(tmp_path, "b"), starting_at=later):
            eventually(lambda: Counter(states()) == {"sent": count})
        sent = Counter(mail["Message-ID"] for mail in sink.mails)
        assert len(sent) == count
        twice = len(sink.mails) - count
        assert twice <= UNNOTED, "only what it had not noted yet may go twice"
