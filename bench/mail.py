"""How fast one worker drains the outbox, against a bare loop that hands over the same mails.

The sink is a real mail server in a process of its own. The worker is the product's; the bare loop
knows its mails already and does nothing but ``smtplib.sendmail`` on one connection.
"""

import pickle
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from bench.figures import Figure
from bench.houses import Houses
from clinic.core.clock import now
from clinic.core.db import db, transaction
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient
from clinic.scheduling.operations.reminders import plan_reminders
from clinic.scheduling.queries.visits import Visit, list_live_visits_after
from tests.support.apps import running_app
from tests.support.server import ROOT, running_worker

SENDER = "clinic@example.com"
AT_LEAST = 0.5
STALLED_SECONDS = 30.0
Post = Callable[[int, Visit], None]


class Sink:
    """A running mail server."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self._process, self.port = process, port

    def came(self) -> tuple[int, float]:
        """How many mails came, and in how many seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("?\n")
        self._process.stdin.flush()
        count, seconds = self._process.stdout.readline().split()
        return int(count), float(seconds)

    def wait_for(self, wanted: int) -> float:
        """Mails a second, once so many are there."""
        moved, seen = time.monotonic(), 0
        while True:
            count, seconds = self.came()
            if count >= wanted:
                return (count - 1) / seconds
            if count > seen:
                moved, seen = time.monotonic(), count
            assert time.monotonic() - moved < STALLED_SECONDS, f"{count} of {wanted} mails came"
            time.sleep(0.1)


def measure(*, houses: Houses, subject: str, count: int) -> list[Figure]:
    """The figures of mail on one engine: codes, which need nothing, reminders of visits, and
    confirmations with a calendar file."""
    figures = []
    for name, post in KINDS:
        kept = houses.root / f"mails-{name}.pickle"
        drained = _drain(houses, subject, count, post, kept)
        bare = _hand_over(kept, houses.root)
        figures += [
            Figure(f"mail.{name}.worker", drained, "mails/s"),
            Figure(f"mail.{name}.bare", bare, "mails/s"),
            Figure(f"mail.{name}.against_bare", drained / bare, "times", at_least=AT_LEAST),
        ]
    return figures


def _drain(houses: Houses, url: str, count: int, post: Post, kept: Path) -> float:
    data_dir = houses.root / "data"
    with running_app(database_url=url, data_dir=data_dir) as app, app.app_context():
        visits = list_live_visits_after(now())
        for first in range(0, count, 500):
            _post_some(range(first, min(first + 500, count)), visits, post)
        # The reminders of all visits to come, which a worker plans once, at its start.
        plan_reminders(now=now(), has_texts=False)
        db.session.rollback()
    with _sink(kept) as sink:
        settings = {
            **houses.settings(url),
            "SMTP_URL": f"smtp://127.0.0.1:{sink.port}",
            "MAIL_FROM": SENDER,
        }
        with running_worker(settings, log_dir=houses.root):
            return sink.wait_for(count)


@transaction
def _post_some(numbers: range, visits: tuple[Visit, ...], post: Post) -> None:
    for number in numbers:
        post(number, visits[number % len(visits)])


def _post_code(number: int, _visit: Visit) -> None:
    post_message(
        kind="sign-in-code",
        recipient=Recipient("", f"patient-{number}@example.com"),
        context={"code": f"{number:06d}", "minutes": "10"},
        about=f"patient:{number}",
        now=now(),
    )


def _post_reminder(number: int, visit: Visit) -> None:
    post_message(
        kind="visit-reminder",
        recipient=Recipient("Pat Doe", f"patient-{number}@example.com", patient=visit.patient),
        context={"visits": visit.public_id, "starts_at": visit.starts_at.isoformat()},
        about=f"appointment:{visit.public_id}",
        now=now() - timedelta(seconds=1),
    )


def _post_confirmation(number: int, visit: Visit) -> None:
    post_message(
        kind="visit-booked",
        recipient=Recipient("Pat Doe", f"patient-{number}@example.com", patient=visit.patient),
        context={"visits": visit.public_id},
        about=f"appointment:{visit.public_id}",
        now=now() - timedelta(seconds=1),
    )


KINDS: tuple[tuple[str, Post], ...] = (
    ("codes", _post_code),
    ("reminders", _post_reminder),
    ("confirmations", _post_confirmation),
)


def _hand_over(kept: Path, root: Path) -> float:
    mails = pickle.loads(kept.read_bytes())  # noqa: S301 - our own file
    with _sink(root / "again.pickle") as sink, smtplib.SMTP("127.0.0.1", sink.port) as line:
        for to, content in mails:
            line.sendmail(SENDER, [to], content)
        return sink.wait_for(len(mails))


@contextmanager
def _sink(kept: Path) -> Iterator[Sink]:
    command = [sys.executable, "-m", "bench.mail_sink", str(kept)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield Sink(process, int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait(timeout=30)
