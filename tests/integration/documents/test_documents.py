"""Documents: encrypted at rest, whole or not at all, and open only where they belong."""

import errno
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from clinic.core.audit import AuditEntry
from clinic.core.crypto import CannotOpen
from clinic.core.db import db, housekeeping
from clinic.core.errors import NotFound
from clinic.documents import vault
from clinic.documents.models import Document
from clinic.documents.operations import (
    TooManyFiles,
    remove_document,
    remove_unclaimed_files,
    store_document,
)
from clinic.documents.queries import (
    get_document,
    list_documents,
    list_patient_documents,
    read_document,
)
from clinic.documents.rules import MOST_OF_ONE_THING, Kind, MediaType
from clinic.documents.sifting import FileNotSafe, sift
from clinic.documents.vault import PIECE_BYTES, NoRoom
from tests.integration.documents.papers import SAM, a_patient, keep, paper
from tests.support.apps import TEST_KEYS
from tests.support.page_clinic import NOW, book, load
from tests.unit.documents import files

NEW_KEY = "new:" + "IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE"


@pytest.fixture
def clinic(in_app: Flask) -> Flask:
    load()
    book("2026-03-03 10:00")
    return in_app


def on_disk() -> list[Path]:
    return sorted(path for path in vault.folder().rglob("*") if path.is_file())


def open_again(public_id: str) -> bytes:
    return b"".join(read_document(document=get_document(public_id=public_id)))


@housekeeping
def change(public_id: str, **values: Any) -> None:
    db.session.execute(update(Document).where(Document.public_id == public_id).values(**values))


class TestStoreDocument:
    def test_keeps_what_was_sifted_and_says_what_it_is(self, clinic: Flask) -> None:
        found = get_document(public_id=keep(name="../My Card.PNG"))
        assert (found.kind, found.name) == (Kind.CARD_FRONT, "My Card.jpg")
        assert found.media_type is MediaType.JPEG
        assert found.patient == a_patient()
        kept = sift(content=files.photo())
        assert b"".join(read_document(document=found)) == kept.content
        assert (found.size, found.sha256) == (len(kept.content), kept.sha256)

    def test_leaves_nothing_readable_on_the_disk(self, clinic: Flask) -> None:
        keep(content=files.report(), name="Pat's report.pdf")
        stored = b"".join(path.read_bytes() for path in on_disk())
        assert b"%PDF" not in stored
        assert [path.stat().st_mode & 0o077 for path in on_disk()] == [0]
        row = db.session.scalars(select(Document)).one()
        assert "report" not in row.name_sealed

    def test_is_done_once_for_a_form_sent_twice(self, clinic: Flask) -> None:
        assert keep() == keep()
        assert len(on_disk()) == 1
        assert keep(about="visit:v1") != keep()

    def test_keeps_nothing_of_what_is_refused(self, clinic: Flask) -> None:
        with pytest.raises(FileNotSafe):
            keep(content=files.photo() + files.archive())
        with pytest.raises(NotFound):
            keep(patient="x" * 22)
        assert on_disk() == []
        assert db.session.scalar(select(Document.id)) is None

    def test_refuses_more_than_twenty_for_one_thing(
        self, clinic: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert MOST_OF_ONE_THING == 20
        monkeypatch.setattr("clinic.documents.operations.MOST_OF_ONE_THING", 2)
        for color in ("red", "green"):
            keep(content=files.photo(color=color))
        with pytest.raises(TooManyFiles):
            keep(content=files.photo(color="blue"))
        assert len(on_disk()) == 2

    def test_on_a_full_disk_is_refused_and_leaves_no_piece_behind(
        self, clinic: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = keep()

        def full(handle: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(NoRoom) as refusal:
            keep(about="visit:v1")
        monkeypatch.undo()
        assert refusal.value.status == 507
        assert [path.name for path in on_disk()] == [before]
        assert len(list_patient_documents(patient=a_patient())) == 1
        assert open_again(before)
        assert keep(about="visit:v1")

    def test_leaves_no_file_when_its_row_is_refused(
        self, clinic: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(ValueError, match="about"):
            keep(about="nonsense")
        assert on_disk() == []

    def test_is_on_record_without_the_name(self, clinic: Flask) -> None:
        public_id = keep(name="MRI of my hip.pdf")
        entry = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "document.added")
        ).one()
        assert entry.subject == f"patient:{a_patient()}"
        assert entry.details == {
            "document": public_id,
            "kind": "card-front",
            "about": "response:r1",
        }


class TestAFile:
    @pytest.mark.parametrize("size", [1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1])
    def test_of_any_length_opens_to_the_byte(self, clinic: Flask, size: int) -> None:
        key, content = vault.new_file_key(), os.urandom(size)
        vault.write_file(public_id="any-length", key=key, content=content)
        pieces = vault.read_file(public_id="any-length", key=key, size=size)
        assert b"".join(pieces) == content

    def test_of_another_document_does_not_open(self, clinic: Flask) -> None:
        one, other = keep(), keep(about="visit:v1")
        here, there = (path for path in on_disk())
        here.write_bytes(there.read_bytes())
        with pytest.raises(CannotOpen):
            [open_again(public_id) for public_id in (one, other)]

    def test_does_not_open_with_the_key_of_another_row(self, clinic: Flask) -> None:
        one, other = keep(), keep(about="visit:v1")
        sealed = db.session.scalar(
            select(Document.file_key_sealed).where(Document.public_id == other)
        )
        change(one, file_key_sealed=sealed)
        with pytest.raises(CannotOpen):
            open_again(one)

    @pytest.mark.parametrize("harm", ["cut", "changed", "gone", "longer row", "shorter row"])
    def test_that_was_harmed_does_not_open(self, clinic: Flask, harm: str) -> None:
        public_id = keep()
        path, size = on_disk()[0], get_document(public_id=public_id).size
        content = bytearray(path.read_bytes())
        if harm == "cut":
            path.write_bytes(content[:-40])
        elif harm == "changed":
            content[100] ^= 1
            path.write_bytes(content)
        elif harm == "gone":
            path.unlink()
        else:
            change(public_id, size=size + (PIECE_BYTES if harm == "longer row" else 1 - size))
        if harm == "shorter row":  # the last piece says that it is the last: nothing is missing
            assert open_again(public_id)
            return
        with pytest.raises(CannotOpen):
            open_again(public_id)

    def test_opens_with_the_new_keys_alone_after_they_were_rotated(
        self, app: Flask, make_app: Callable[..., Flask]
    ) -> None:
        with app.app_context():
            load()
            book("2026-03-03 10:00")
            public_id = keep()
        both = make_app(CLINIC_KEYS=f"{NEW_KEY},{TEST_KEYS}")
        done = both.test_cli_runner().invoke(args=["keys", "rotate"])
        assert "documents.file_key_sealed: 1 rows sealed anew" in done.output
        assert "rows on old key = 0" in done.output
        with make_app(CLINIC_KEYS=NEW_KEY).app_context():
            assert open_again(public_id) == sift(content=files.photo()).content

    def test_without_a_row_is_removed_after_an_hour(self, clinic: Flask) -> None:
        kept = keep()
        vault.write_file(public_id="lost" * 5, key=vault.new_file_key(), content=b"x")
        (vault.folder() / "lo" / ".new-abc").write_bytes(b"half")
        for path in on_disk():
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
        assert remove_unclaimed_files(now=NOW + timedelta(minutes=59)) == 0
        assert len(on_disk()) == 3
        assert remove_unclaimed_files(now=NOW + timedelta(minutes=61)) == 1
        assert [path.name for path in on_disk()] == [kept]


class TestRemoveDocument:
    def test_forgets_the_key_and_the_file(self, clinic: Flask) -> None:
        public_id = keep()
        remove_document(public_id=public_id, actor=SAM, now=NOW)
        assert on_disk() == []
        assert db.session.scalars(select(Document)).one().file_key is None
        for look in (
            get_document,
            lambda public_id: remove_document(public_id=public_id, actor=SAM, now=NOW),
        ):
            with pytest.raises(NotFound):
                look(public_id=public_id)
        assert list_documents(about="response:r1") == []

    def test_lets_the_same_be_handed_in_again(self, clinic: Flask) -> None:
        first = keep()
        remove_document(public_id=first, actor=SAM, now=NOW)
        assert keep() != first

    def test_undone_removes_no_file(self, clinic: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        public_id = keep()

        def broken(**_: object) -> None:
            raise RuntimeError("no record, no deed")

        monkeypatch.setattr("clinic.core.audit.record", broken)
        with pytest.raises(RuntimeError):
            remove_document(public_id=public_id, actor=SAM, now=NOW)
        monkeypatch.undo()
        assert open_again(public_id)


class TestAPatientsPapers:
    def test_are_listed_oldest_first_and_nobody_elses(self, clinic: Flask) -> None:
        book("2026-03-03 11:00", who=2)
        first = keep()
        second = store_document(
            new=paper(kind=Kind.REFERRAL, content=files.report()),
            actor=SAM,
            now=NOW + timedelta(minutes=1),
        )
        found = list_patient_documents(patient=a_patient())
        assert [one.public_id for one in found] == [first, second]
        assert [one.public_id for one in list_documents(about="response:r1")] == [first, second]
