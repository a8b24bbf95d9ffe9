"""Backups of a clinic at work: each one is a moment that it was in, whole, with every paper."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.errors import Busy
from clinic.core.types import to_micros
from clinic.core.values import Actor
from clinic.documents.models import Document
from clinic.documents.operations import NewDocument, remove_document, store_document
from clinic.documents.queries import get_document, read_document
from clinic.documents.rules import Kind
from clinic.operating.backups.manifest import NAME
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment
from tests.support.apps import running_app
from tests.support.databases import ENGINE_KINDS, Databases, EngineKind
from tests.support.server import BIN, ROOT, process_environment
from tests.torture.asking import ask
from tests.torture.conftest import MARGIN
from tests.torture.house import House
from tests.torture.invariants import broken_rules
from tests.torture.test_races import book, step
from tests.torture.the_clinic import PRACTITIONERS
from tests.unit.documents.files import photo

DESK = Actor(kind="system", name="torture")
BACKUPS = 2
APART = timedelta(minutes=75)


@contextmanager
def running(*, url: str, data_dir: Path) -> Iterator[Flask]:
    """An app with its context in this process, beside those that serve."""
    with running_app(database_url=url, data_dir=data_dir) as app, app.app_context():
        yield app


class Crowd:
    """Clients that book without a pause, each with a practitioner of their own."""

    def __init__(self, house: House) -> None:
        self.booked: list[str] = []
        self.filed: list[str] = []
        self.faults: list[str] = []
        self._house = house
        self._people = count(1)
        self._stop = threading.Event()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Until the block ends."""
        threads = [threading.Thread(target=self._book, args=(slug,)) for slug in PRACTITIONERS]
        threads.append(threading.Thread(target=self._file))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def wait_for(self, visits: int, papers: int) -> None:
        """Until so many more are acknowledged; AssertionError when nobody works any more."""
        visits, papers = visits + len(self.booked), papers + len(self.filed)
        deadline = time.monotonic() + 60
        while len(self.booked) < visits or len(self.filed) < papers:
            assert not self.faults, self.faults
            assert time.monotonic() < deadline, "the clinic stands still"
            time.sleep(0.02)

    def _book(self, slug: str) -> None:
        """Visits one after the other; every third is cancelled again."""
        begin = (now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
        for turn in range(1000):
            if self._stop.is_set():
                return
            at, who = begin + turn * APART, next(self._people)
            answer = ask(
                self._house.port, book(self._house, "evaluation", at, who=who, practitioner=slug)
            )
            if answer.status == 201:
                self.booked.append(answer.body["id"])
            elif answer.status != 503:
                self.faults.append(f"{answer.status} {answer.code}")
            if answer.status == 201 and turn % 3 == 2:
                ask(self._house.port, step(self._house, answer, "cancel"))

    def _file(self) -> None:
        """Papers are kept and, after three more, removed."""
        kept: list[str] = []
        with running(url=self._house.database_url, data_dir=self._house.folder / "data"):
            patient = self._first_patient()
            for number in range(1000):
                if self._stop.is_set():
                    return
                new = NewDocument(
                    patient=patient,
                    kind=Kind.OTHER,
                    about=f"response:r{number}",
                    name="paper.jpg",
                    content=photo(size=(60, 40 + number)),
                )
                with suppress(Busy):
                    kept.append(store_document(new=new, actor=DESK, now=now()))
                    self.filed.append(kept[-1])
                    if len(kept) > 3:
                        remove_document(public_id=kept.pop(0), actor=DESK, now=now())

    def _first_patient(self) -> str:
        while True:
            found = db.session.scalar(select(Patient.public_id).limit(1))
            if found is not None:
                return found
            db.session.rollback()
            time.sleep(0.02)


def begin_backup(house: House, place: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [str(BIN / "flask"), "--app", "wsgi", "backup", str(place)],
        cwd=ROOT,
        env=process_environment(house.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def interrupt(house: House, place: Path, sign: signal.Signals) -> None:
    """Begin a backup and end it as soon as something of it is written."""
    process = begin_backup(house, place)
    while process.poll() is None and not list(place.parent.glob(f".{place.name}.part-*")):
        time.sleep(0.002)
    process.send_signal(sign)
    process.communicate()


@pytest.mark.parametrize("kind", ENGINE_KINDS)
class TestBackups:
    def test_are_moments_of_a_clinic_at_work(
        self,
        kind: EngineKind,
        fresh_house: Callable[..., House],
        databases: Databases,
        tmp_path: Path,
    ) -> None:
        house = fresh_house(kind, limit=1)
        house.processes = 2
        house.serve()
        house.start_worker()
        crowd, made = Crowd(house), []
        with crowd.at_work():
            crowd.wait_for(visits=10, papers=5)
            for number in range(BACKUPS):
                place, known = tmp_path / f"backup-{number}", set(crowd.booked)
                process = begin_backup(house, place)
                told, _ = process.communicate()
                assert process.returncode == 0, told
                assert "no file" not in told
                made.append((place, known, now()))
                crowd.wait_for(visits=5, papers=3)
            for sign in (signal.SIGKILL, signal.SIGTERM):
                interrupt(house, tmp_path / sign.name, sign)
        assert crowd.faults == []
        for place, known, at in made:
            assert known
            restore_and_look(databases, kind, place, known=known, at=at)
        assert_nothing_half(tmp_path)


def restore_and_look(
    databases: Databases, kind: EngineKind, place: Path, *, known: set[str], at: datetime
) -> None:
    """Into a database of its own: every rule holds, everything acknowledged before is there."""
    url = databases.fresh(kind)
    try:
        with running(url=url, data_dir=place.parent / f"data-{place.name}") as app:
            done = app.test_cli_runner().invoke(args=["restore", str(place)])
            assert done.exit_code == 0, done.output
            db.session.rollback()
            assert known <= set(db.session.scalars(select(Appointment.public_id)))
            live = select(Document.public_id).where(Document.removed_at.is_(None))
            for public_id in db.session.scalars(live):
                assert any(read_document(document=get_document(public_id=public_id)))
            moment = to_micros(at + MARGIN) if kind == "sqlite" else at + MARGIN
            assert broken_rules(db.session.connection(), now=moment) == {}
    finally:
        databases.drop(url)


def assert_nothing_half(folder: Path) -> None:
    """What a signal ended has its name only if it was whole by then; asked to end, it tidies up."""
    for sign in ("SIGKILL", "SIGTERM"):
        assert not (folder / sign).exists() or (folder / sign / NAME).exists()
    assert list(folder.glob(".SIGTERM.part-*")) == []
    for left in folder.glob(".SIGKILL.part-*"):
        assert not (left / NAME).exists()
