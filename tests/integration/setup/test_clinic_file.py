"""Loading and dumping the clinic on a real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.gait.models import Product
from clinic.intake.queries.policy import get_clinical_policy
from clinic.intake.rules.policy import ClinicalPolicy
from clinic.scheduling.models import (
    Hours,
    Practitioner,
    Resource,
)
from clinic.scheduling.queries.setting import get_setting
from clinic.setup.operations import Loaded, StrandedVisits
from clinic.setup.queries import dump_clinic
from clinic.setup.rules.as_setting import as_setting
from tests.integration.setup.sample import NOW, TEXT, book, load, read, rows, without


@pytest.mark.usefixtures("in_app")
class TestLoadClinic:
    def test_makes_the_clinic_that_scheduling_then_reads(self) -> None:
        file = read(TEXT)
        assert load(file).version == 1
        setting, wanted = get_setting(), as_setting(file=file)
        assert setting.policy == wanted.policy
        assert list(setting.locations.values()) == list(wanted.locations.values())
        assert list(setting.services.values()) == list(wanted.services.values())
        assert setting.closures == wanted.closures
        assert [replace(one, resource=0) for one in setting.rooms.values()] == list(
            wanted.rooms.values()
        )
        assert [replace(one, resource=0) for one in setting.practitioners.values()] == list(
            wanted.practitioners.values()
        )
        numbers = {one.resource for one in setting.rooms.values()}
        numbers |= {one.resource for one in setting.practitioners.values()}
        assert len(numbers) == 5

    def test_writes_nothing_when_the_same_file_comes_again(self) -> None:
        load(read(TEXT))
        statements: list[str] = []
        event.listen(Engine, "before_cursor_execute", keep := _keeper(statements))
        try:
            again = load(read(TEXT))
        finally:
            event.remove(Engine, "before_cursor_execute", keep)
        assert again == Loaded(1, ())
        assert statements
        assert [text for text in statements if not text.startswith(("SELECT", "BEGIN"))] == []

    def test_raises_the_version_once_whatever_changed(self) -> None:
        load(read(TEXT))
        text = TEXT.replace("minutes = 60", "minutes = 50").replace("Abe Ito", "Abe A. Ito")
        loaded = load(read(text))
        assert loaded.version == 2
        assert [str(change) for change in loaded.changes] == [
            "services: changed gait",
            "practitioners: changed abe",
        ]
        assert get_setting().services["gait"].minutes == 50

    def test_retires_what_is_no_longer_named_and_revives_it_when_it_is_named_again(self) -> None:
        load(read(TEXT))
        ids = {row.slug: row.id for row in db.session.scalars(select(Practitioner))}
        abe = TEXT[TEXT.index('[[practitioners]]\nslug = "abe"') : TEXT.index("[[closures]]")]
        product = TEXT[TEXT.index("[[products]]") :]
        load(read(TEXT.replace(abe, "").replace(product, "")))
        retired = db.session.scalars(select(Practitioner).where(Practitioner.slug == "abe")).one()
        assert retired.retired_at == NOW
        assert db.session.scalars(select(Product)).one().retired_at == NOW
        assert "abe" not in get_setting().practitioners
        assert "abe" not in dump_clinic()
        load(read(TEXT))
        assert {row.slug: row.id for row in db.session.scalars(select(Practitioner))} == ids
        assert dump_clinic() == dump_clinic()
        assert read(dump_clinic()) == read(TEXT)
        assert rows(Resource) == 5

    def test_leaves_rows_alone_that_did_not_change(self) -> None:
        load(read(TEXT))
        before = {row.id for row in db.session.scalars(select(Hours))}
        load(without("minutes = 30", "minutes = 40"))
        assert {row.id for row in db.session.scalars(select(Hours))} == before

    def test_keeps_a_new_order(self) -> None:
        load(read(TEXT))
        file = read(TEXT)
        turned = replace(file, practitioners=file.practitioners[::-1])
        assert load(turned).version == 2
        assert list(get_setting().practitioners) == ["abe", "osei"]

    def test_takes_rows_away_and_adds_others(self) -> None:
        load(read(TEXT))
        for old, new in (
            ('needs = [["lab"], ["treadmill-2", "treadmill-1"]]', 'needs = [["treadmill-1"]]'),
            ('needs = [["lab"], ["treadmill-2", "treadmill-1"]]', "needs = []"),
            ('licence = "PT"\n', ""),
            ("date = 2026-12-24\nhours = []", 'date = 2026-12-24\nhours = [["10:00", "11:00"]]'),
            ('[[closures]]\ndate = 2026-11-26\nreason = "Thanksgiving"\n', ""),
            ('services = ["gait", "follow-up"]', 'services = ["follow-up", "gait"]'),
            ('time_zone = "America/Chicago"\n', ""),
        ):
            file = without(old, new)
            load(file)
            assert read(dump_clinic()) == file

    def test_leaves_an_audit_entry_for_a_change_and_none_without(self) -> None:
        load(read(TEXT))
        load(read(TEXT))
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject, entry.details["version"]) == (
            "clinic.load",
            "clinic",
            1,
        )
        assert "services: added gait, follow-up" in entry.details["changes"]


def _keeper(statements: list[str]) -> Any:
    def keep(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement.lstrip())

    return keep


@pytest.mark.usefixtures("in_app")
class TestStrandedVisits:
    TUESDAY = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)  # 10:00 in New York

    @pytest.mark.parametrize(
        ("old", "new", "lost"),
        [
            ('from = "09:00"\nto = "17:00"', 'from = "10:30"\nto = "17:00"', ["hours"]),
            ('"tue", ', "", ["hours"]),
            ("date = 2026-12-24", "date = 2026-11-03", ["hours"]),
            ("date = 2026-11-26", "date = 2026-11-03", ["hours"]),
            (
                "date = 2026-11-26",
                'date = 2026-11-03\nfrom = "10:59"\nto = "11:00"',
                ["hours"],
            ),
            (
                'services = ["gait", "follow-up"]',
                'services = ["follow-up"]',
                ["practitioner-service"],
            ),
            (
                '1"\nkind = "equipment"\nlocation = "main"',
                '1"\nkind = "equipment"\nlocation = "uptown"',
                ["resources"],
            ),
            ('time_zone = "America/New_York"', 'time_zone = "Asia/Tokyo"', ["hours"]),
        ],
    )
    def test_are_refused_with_the_list_and_nothing_changes(
        self, old: str, new: str, lost: list[str]
    ) -> None:
        load(read(TEXT))
        visit = book(service="gait", practitioner="osei", at=self.TUESDAY)
        with pytest.raises(StrandedVisits) as refused:
            load(without(old, new))
        assert refused.value.details["visits"] == [
            {
                "id": visit,
                "local": "2026-11-03T10:00-05:00",
                "practitioner": "osei",
                "service": "gait",
                "location": "main",
                "lost": lost,
            }
        ]
        assert read(dump_clinic()) == read(TEXT)
        assert rows(AuditEntry) == 1

    def test_are_let_go_on_demand_and_named_in_the_audit_trail(self) -> None:
        load(read(TEXT))
        visit = book(service="gait", practitioner="osei", at=self.TUESDAY)
        file = without('"tue", ')
        assert load(file, allow_stranded=True).stranded == (visit,)
        assert read(dump_clinic()) == file
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert entry.details["stranded"] == [visit]

    def test_are_not_those_that_the_change_leaves_as_they_were(self) -> None:
        load(read(TEXT))
        book(service="gait", practitioner="osei", at=self.TUESDAY, status="cancelled")
        book(service="gait", practitioner="osei", at=NOW - timedelta(days=6))
        book(service="gait", practitioner="osei", at=datetime(2026, 11, 10, 4, tzinfo=UTC))
        book(service="follow-up", practitioner="osei", at=self.TUESDAY + timedelta(days=1))
        assert load(without('"tue", ')).version == 2

    def test_are_those_of_a_practitioner_who_is_retired(self) -> None:
        load(read(TEXT))
        book(service="follow-up", practitioner="abe", at=datetime(2026, 11, 7, 17, tzinfo=UTC))
        abe = TEXT[TEXT.index('[[practitioners]]\nslug = "abe"') : TEXT.index("[[closures]]")]
        with pytest.raises(StrandedVisits) as refused:
            load(read(TEXT.replace(abe, "")))
        assert refused.value.details["visits"][0]["lost"] == ["practitioner"]


@pytest.mark.usefixtures("in_app")
class TestClinicalPolicy:
    def test_is_loaded_dumped_and_the_usual_where_the_file_is_silent(self) -> None:
        load(read(TEXT))
        assert get_clinical_policy() == ClinicalPolicy(15, patterns_to_consider=True)
        said = "\n[policy]\nescalation_minutes = 5\npatterns_to_consider = false\n"
        changed = load(read(TEXT + said))
        assert [str(change) for change in changed.changes] == ["policy: changed"]
        assert get_clinical_policy() == ClinicalPolicy(5, patterns_to_consider=False)
        assert load(read(dump_clinic())) == Loaded(2, ())
