"""`backup` and `restore`: all of it or nothing, on either engine, and never the keys."""

import base64
import gzip
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, func, inspect, select

from clinic.core.audit import AuditEntry
from clinic.core.crypto import use_keys
from clinic.core.db import db, transaction
from clinic.core.heartbeat import beat
from clinic.core.schema import Base
from clinic.documents.models import Document
from clinic.documents.queries import get_document, read_document
from clinic.gait.operations.balances import request_balance
from clinic.messaging.models import Message
from clinic.operating.backup_commands import OPERATOR
from clinic.operating.backups.shapes import LEFT_OUT
from clinic.payments.models import Receipt
from clinic.payments.operations.orders import pay_at_desk
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.operations.reminders import plan_reminders
from tests.integration.documents.papers import keep
from tests.integration.operating.kept import age, rewrite
from tests.integration.security.planted import CANARY, plant
from tests.support.apps import TEST_KEYS, TEST_SECRET, running_app
from tests.support.databases import EngineKind
from tests.support.homes import Homes
from tests.support.page_clinic import KIM, NOW, book, load

Rows = dict[str, list[tuple[Any, ...]]]
OTHER: dict[EngineKind, EngineKind] = {"sqlite": "postgresql", "postgresql": "sqlite"}
WHOLE = "The audit trail is whole"


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


def done(app: Flask, *words: str) -> str:
    result = run(app, *words)
    assert result.exit_code == 0, result.output
    return result.output


def refused(app: Flask, *words: str) -> str:
    """What is said when nothing was done."""
    result = run(app, *words)
    assert result.exit_code == 2, result.output
    return result.output


def rows_of(app: Flask, *, besides: tuple[str, ...] = ()) -> Rows:
    """Every row of every table, as Python sees it."""
    with app.app_context():
        db.session.rollback()
        return {
            table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in besides
        }


def is_empty(app: Flask) -> bool:
    left = rows_of(app, besides=("heartbeats",))
    return not any(left.values()) and not list(documents_of(app))


def documents_of(app: Flask) -> Iterator[Path]:
    return (path for path in (data_dir(app) / "documents").glob("*/*") if path.is_file())


def data_dir(app: Flask) -> Path:
    found: Path = app.config["CLINIC"].data_dir
    return found


@pytest.fixture
def lived_in(app: Flask, set_clock: Callable[[datetime], None]) -> Flask:
    """A clinic with something in every protected field."""
    set_clock(NOW)
    with app.app_context():
        load()
    plant(app)
    (data_dir(app) / "clinic_keys").write_text(TEST_KEYS)
    (data_dir(app) / "secret_key").write_text(TEST_SECRET)
    return app


@pytest.fixture
def small(app: Flask, set_clock: Callable[[datetime], None]) -> Flask:
    """A clinic with one visit and one paper."""
    set_clock(NOW)
    with app.app_context():
        load()
        book("2026-03-03 15:00", who=1)
        keep()
    return app


Elsewhere = Callable[[EngineKind], Flask]


@pytest.fixture
def elsewhere(homes: Homes) -> Iterator[Elsewhere]:
    """Apps on other machines, each with a database without rows: `elsewhere("sqlite")`."""
    with ExitStack() as stack:
        yield lambda kind: stack.enter_context(homes.lend(kind)).app


@pytest.fixture
def bare(empty_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An app on another machine, on a database without any table."""
    with running_app(database_url=empty_database_url, data_dir=tmp_path / "bare") as made:
        yield made


class TestRoundTrip:
    def test_brings_back_every_row_on_the_other_engine(
        self, lived_in: Flask, elsewhere: Elsewhere, tmp_path: Path, engine_kind: EngineKind
    ) -> None:
        told = done(lived_in, "backup", str(tmp_path / "kept"))
        assert "needed: test" in told
        assert_gives_nothing_away(tmp_path / "kept")
        there = elsewhere(OTHER[engine_kind])
        done(there, "restore", str(tmp_path / "kept"))
        after, before = rows_of(there), rows_of(lived_in)
        assert not any(after[name] for name in LEFT_OUT)
        goes_on = {"messages", "audit_entries", "audit_seals", *LEFT_OUT}
        assert {name for name in after if after[name] != before[name]} <= goes_on
        assert set(before["audit_seals"]) <= set(after["audit_seals"])
        assert WHOLE in done(there, "audit", "verify")
        with there.app_context():
            for public_id in db.session.scalars(select(Document.public_id)):
                assert any(read_document(document=get_document(public_id=public_id)))

    def test_goes_on_where_it_ended(
        self, small: Flask, elsewhere: Elsewhere, tmp_path: Path, engine_kind: EngineKind
    ) -> None:
        """The next visit, the next receipt, and what the database refuses."""
        with small.app_context():
            _pay(db.session.scalars(select(Appointment.public_id)).one())
        done(small, "backup", str(tmp_path / "kept"))
        there = elsewhere(OTHER[engine_kind])
        done(there, "restore", str(tmp_path / "kept"))
        for app, deed in ((small, "backup.made"), (there, "backup.restored")):
            assert _newest(app) == (deed, OPERATOR.name)
        with there.app_context():
            with pytest.raises(SlotTaken):
                book("2026-03-03 15:00", who=2)
            _pay(book("2026-03-03 16:00", who=2).public_id)
            numbers = db.session.scalars(select(Receipt.number).order_by(Receipt.id))
            assert list(numbers) == [1, 2]
            with pytest.raises(Exception, match="append-only"):
                _forge()


def assert_gives_nothing_away(folder: Path) -> None:
    """No key, no secret, and no word of what is protected, in whatever spelling."""
    encoded = TEST_KEYS.partition(":")[2]
    key = base64.urlsafe_b64decode(encoded + "=")
    words = {CANARY.encode(), TEST_SECRET.encode(), encoded.encode()}
    words |= {key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key)}
    for path in folder.rglob("*"):
        if path.is_file():
            kept = path.read_bytes()
            plain = gzip.decompress(kept) if path.suffix == ".gz" else kept
            assert not [word for word in words if word in plain], path


def _newest(app: Flask) -> tuple[str, str]:
    """The newest deed in the trail, and whose it was."""
    with app.app_context():
        newest = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
        return (entry := newest.one()).action, entry.actor_name


@transaction
def _forge() -> None:
    db.session.execute(delete(AuditEntry))


def _pay(visit: str) -> None:
    order = request_balance(appointment=visit, cents=900, actor=KIM, now=NOW)
    pay_at_desk(public_id=order.public_id, method="cash", actor=KIM, now=NOW)


class TestBackup:
    def test_is_its_owners_alone(self, small: Flask, tmp_path: Path) -> None:
        (tmp_path / "kept").mkdir(mode=0o755)  # an empty folder is taken as it is
        done(small, "backup", str(tmp_path / "kept"))
        found = [tmp_path / "kept", *(tmp_path / "kept").rglob("*")]
        assert len(found) > 90
        for path in found:
            wanted = 0o700 if path.is_dir() else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == wanted, path

    def test_overwrites_nothing(self, small: Flask, tmp_path: Path) -> None:
        (tmp_path / "kept").mkdir()
        (tmp_path / "kept" / "other").write_text("mine")
        told = refused(small, "backup", str(tmp_path / "kept"))
        assert "not empty" in told
        assert [path.name for path in (tmp_path / "kept").iterdir()] == ["other"]
        assert "not empty" in refused(small, "backup", str(tmp_path / "kept" / "other"))

    @pytest.mark.parametrize("is_there", [False, True])
    def test_leaves_nothing_where_there_is_no_room(
        self, small: Flask, tmp_path: Path, is_there: bool
    ) -> None:
        place = tmp_path / "backups" / "kept"
        place.mkdir(parents=True) if is_there else place.parent.mkdir()
        with files_of_at_most(16_000):
            result = run(small, "backup", str(place))
        assert result.exit_code == 1
        assert "The backup was not made" in result.output
        left = [path for path in place.parent.rglob("*") if path != place]
        assert left == []
        assert place.exists() is is_there

    def test_keeps_documents_of_its_moment_alone(self, small: Flask, tmp_path: Path) -> None:
        stray = data_dir(small) / "documents" / "st" / "stray"
        stray.parent.mkdir()
        stray.write_bytes(b"a file whose row was never kept")
        told = done(small, "backup", str(tmp_path / "kept"))
        assert "1 uploads" in told
        with small.app_context():
            wanted = list(db.session.scalars(select(Document.public_id)))
        assert [path.name for path in (tmp_path / "kept" / "documents").glob("*/*")] == wanted

    def test_says_that_a_file_was_lost(self, small: Flask, tmp_path: Path) -> None:
        (lost,) = documents_of(small)
        lost.unlink()
        told = done(small, "backup", str(tmp_path / "kept"))
        assert "1 uploads on record have no file" in told
        assert lost.name in told

    def test_is_refused_before_the_tables_are_there(self, bare: Flask, tmp_path: Path) -> None:
        assert "db upgrade" in refused(bare, "backup", str(tmp_path / "kept"))
        assert not (tmp_path / "kept").exists()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk on which no file of this process grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestRestore:
    def test_needs_the_keys_of_the_day(
        self, small: Flask, elsewhere: Elsewhere, tmp_path: Path, engine_kind: EngineKind
    ) -> None:
        done(small, "backup", str(tmp_path / "kept"))
        there = elsewhere(engine_kind)
        ours = there.config["CLINIC"].clinic_keys
        for keys, says in (
            ([("new", bytes(range(32)))], "lacks the key test"),
            ([("test", bytes(range(32)))], "another key under the name test"),
        ):
            use_keys(there, keys)
            assert says in refused(there, "restore", str(tmp_path / "kept"))
        assert is_empty(there)
        (paper,) = documents_of(small)
        half = data_dir(there) / paper.relative_to(data_dir(small))
        half.parent.mkdir(parents=True)  # what a restore that was killed left behind
        half.write_bytes(paper.read_bytes()[:100])
        use_keys(there, [("new", bytes(range(32))), *ours])
        done(there, "restore", str(tmp_path / "kept"))
        assert half.read_bytes() == paper.read_bytes()

    def test_refuses_whatever_is_not_as_it_was_written(
        self, small: Flask, elsewhere: Elsewhere, tmp_path: Path, engine_kind: EngineKind
    ) -> None:
        kept = tmp_path / "kept"
        done(small, "backup", str(kept))
        there = elsewhere(engine_kind)
        (paper,) = (kept / "documents").glob("*/*")
        for path, end in (
            (kept / "tables" / "appointments.jsonl.gz", b""),
            (paper, bytes([paper.read_bytes()[-1] ^ 1])),
            (kept / "documents.jsonl.gz", None),
        ):
            whole = path.read_bytes()
            path.unlink() if end is None else path.write_bytes(whole[:-1] + end)
            assert str(path.relative_to(kept)) in refused(there, "restore", str(kept))
            path.write_bytes(whole)
        manifest = kept / "manifest.json"
        whole = manifest.read_bytes()
        for changed, says in (
            (whole.replace(b'"engine"', b'"motor"'), "not whole"),
            (whole.replace(b'"rows": 1,', b'"rows": 2,', 1), "changed after"),
            (whole.replace(b'"format_version": 1', b'"format_version": 9'), "format 9"),
            (whole.replace(b'"revision": "0', b'"revision": "9'), "newer version"),
            (b"{}", "no manifest"),
            (None, "no whole backup"),
        ):
            manifest.unlink() if changed is None else manifest.write_bytes(changed)
            assert says in refused(there, "restore", str(kept))
        assert is_empty(there)

    def test_overwrites_nothing(
        self, small: Flask, elsewhere: Elsewhere, tmp_path: Path, engine_kind: EngineKind
    ) -> None:
        done(small, "backup", str(tmp_path / "kept"))
        before = rows_of(small)
        assert "holds a clinic already" in refused(small, "restore", str(tmp_path / "kept"))
        assert rows_of(small) == before
        there = elsewhere(engine_kind)
        stray = data_dir(there) / "documents" / "st" / "stray"
        stray.parent.mkdir(parents=True)
        stray.write_bytes(b"another clinic's")
        assert "not of this backup" in refused(there, "restore", str(tmp_path / "kept"))
        stray.unlink()
        with there.app_context():
            beat(part="worker", now=NOW)
        assert "A worker runs" in refused(there, "restore", str(tmp_path / "kept"))
        assert is_empty(there)

    def test_changes_nothing_when_the_database_refuses(
        self, small: Flask, bare: Flask, tmp_path: Path
    ) -> None:
        """As when a disk had let two visits overlap, and the backup was signed all the same."""
        kept = tmp_path / "kept"
        done(small, "backup", str(kept))
        rewrite(small, kept, "claims", lambda rows: [*rows, [9999, *rows[0][1:]]])
        assert "claims" in refused(bare, "restore", str(kept))
        with bare.app_context():
            assert inspect(db.engine).get_table_names() == []
        assert list(documents_of(bare)) == []

    def test_sends_nothing_again(
        self,
        small: Flask,
        elsewhere: Elsewhere,
        tmp_path: Path,
        engine_kind: EngineKind,
        set_clock: Callable[[datetime], None],
    ) -> None:
        """What was due may have gone out since; what is due later cannot have."""
        with small.app_context():
            waiting = _messages()
            plan_reminders(now=NOW, has_texts=False)
            assert len(_messages()) > len(waiting) == 1
        done(small, "backup", str(tmp_path / "kept"))
        set_clock(NOW + timedelta(minutes=1))
        there = elsewhere(engine_kind)
        assert "1 messages that may have" in done(there, "restore", str(tmp_path / "kept"))
        with there.app_context():
            states = [state for state, _ in _messages()]
        assert states[0] == "failed"
        assert set(states[1:]) == {"due"}
        moved = elsewhere(engine_kind)
        done(moved, "restore", str(tmp_path / "kept"), "--send-waiting")
        with moved.app_context():
            assert {state for state, _ in _messages()} == {"due"}

    def test_brings_an_older_backup_up_to_date(
        self,
        small: Flask,
        elsewhere: Elsewhere,
        tmp_path: Path,
        engine_kind: EngineKind,
    ) -> None:
        kept = tmp_path / "kept"
        done(small, "backup", str(kept))
        age(small, kept, revision="0040_lab_files", empty=elsewhere("sqlite"))
        there = elsewhere(engine_kind)
        done(there, "restore", str(kept))
        with there.app_context():
            assert db.session.scalar(select(func.count()).select_from(Appointment)) == 1
            book("2026-03-03 16:00", who=2)
        assert WHOLE in done(there, "audit", "verify")


def _messages() -> list[tuple[str, datetime]]:
    found = db.session.execute(select(Message.state, Message.due_at).order_by(Message.id))
    return [(state, due) for state, due in found]
