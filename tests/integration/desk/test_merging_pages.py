"""Merging at the desk: the pages, and several receptionists at once."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.errors import Refusal
from clinic.core.values import Role
from clinic.desk.operations.merging import AlreadyMerged, merge_patients, stand_as
from clinic.people.models import PatientMerge, PatientNote
from clinic.people.operations.notes import add_note
from clinic.people.queries import get_patient
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.rules.status import Action
from tests.integration.desk.test_merging import record, suggest
from tests.integration.desk.test_today import sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, book, load


@pytest.fixture
def in_clinic(in_app: Flask) -> Flask:
    load()
    return in_app


class TestMergingPages:
    def test_lead_from_the_queue_to_one_record_and_back(
        self, app: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        with app.app_context():
            load()
            kept, gone = book("2026-03-05 13:00").patient, book("2026-03-05 10:00", who=2).patient
            clash = book("2026-03-05 13:30", practitioner="santos", who=2)
            suggest(kept, gone)
        set_clock(NOW)
        desk = sign_in(app, pages, Role.FRONT_DESK)
        assert "/desk/duplicates" in desk.get("/desk").html
        path = f"/desk/patients/{kept}/merge/{gone}"
        assert path in desk.get("/desk/duplicates").html
        page = desk.get(path)
        assert "Both have a visit at the same time" in page.text
        assert clash.public_id in page.html
        assert "Make one record" not in page.text
        with app.app_context():
            take_step(
                public_id=clash.public_id,
                action=Action.CANCEL,
                actor=KIM,
                now=NOW,
                reason="double",
            )
        assert "2 visits" in desk.get(path).text
        chosen = {"email": "gone", "given_name": "gone"}
        stale = desk.submit({**chosen, "looked_at": "old"}, action=path, status=409)
        assert "Somebody changed this record" in stale.text
        assert stale.html.count("checked") > 1
        desk.submit(chosen, action=path)
        page = desk.get(f"/desk/patients/{kept}")
        assert page.h1 == "Pat2 Example"
        assert "pat2@example.com" in page.text
        assert "was merged into this record by Kim Torres" in page.text
        assert desk.get(f"/desk/patients/{gone}").path.endswith(kept)
        assert desk.get("/desk/duplicates").h1 == "May be doubles"
        desk.get(f"/desk/patients/{kept}")
        with app.app_context():
            name = db.session.scalars(select(PatientMerge.public_id)).one()
        desk.submit({}, action=f"/desk/patients/{kept}/merges/{name}/undo")
        assert desk.get(f"/desk/patients/{gone}").h1 == "Pat2 Example"
        desk.get("/desk/duplicates")
        desk.submit({}, action="/desk/duplicates")
        assert path not in desk.get("/desk/duplicates").html
        desk.get(f"/desk/patients/{kept}/merge")
        found = desk.submit({"q": "Pat2 Example"}, action=f"/desk/patients/{kept}/merge")
        assert path in found.html
        desk.get(path)


@pytest.mark.usefixtures("unhurried")
class TestMergingAtOnce:
    def test_lets_one_of_two_overlapping_merges_win(self, in_clinic: Flask) -> None:
        first, second, third = (book(f"2026-03-0{day} 10:00", who=day).patient for day in (3, 4, 5))
        pairs = [(first, second), (third, second), (first, second)]
        looks = [stand_as(record(kept), record(gone)) for kept, gone in pairs]
        told: list[object] = []

        def receptionist(kept: str, gone: str, look: str) -> None:
            with in_clinic.app_context():
                try:
                    merge_patients(
                        kept=kept, gone=gone, from_gone=(), looked_at=look, actor=KIM, now=NOW
                    )
                    told.append("merged")
                except Refusal as refusal:
                    told.append(type(refusal))

        threads = [
            threading.Thread(target=receptionist, args=(*pair, look))
            for pair, look in zip(pairs, looks, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        db.session.rollback()
        assert sorted(map(str, told)) == sorted(map(str, ["merged", AlreadyMerged, AlreadyMerged]))
        assert get_patient(public_id=second).public_id in {first, third}

    def test_never_leaves_a_booking_with_the_record_that_goes(self, in_clinic: Flask) -> None:
        kept, gone = book("2026-03-03 10:00").patient, book("2026-03-04 10:00", who=2).patient
        look = stand_as(record(kept), record(gone))
        failed: list[Refusal] = []

        def run_it(deed: Callable[[], object]) -> None:
            with in_clinic.app_context():
                try:
                    deed()
                except Refusal as error:
                    failed.append(error)

        deeds: list[Callable[[], object]] = [
            lambda: merge_patients(
                kept=kept, gone=gone, from_gone=(), looked_at=look, actor=KIM, now=NOW
            ),
            *(
                lambda n=n: add_note(
                    patient=gone, kind="note", words=f"Note {n}", about=None, actor=KIM, now=NOW
                )
                for n in range(3)
            ),
        ]
        threads = [threading.Thread(target=run_it, args=(deed,)) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        db.session.rollback()
        assert failed == []
        assert set(db.session.scalars(select(PatientNote.patient_id))) == {record(kept).id}
