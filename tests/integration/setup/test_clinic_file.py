"""Loading and dumping the clinic on a real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select

from clinic.core.audit import AuditEntry
from clinic.core.db import db, transaction
from clinic.core.values import SYSTEM
from clinic.gait.models import Product
from clinic.people.models import Patient
from clinic.scheduling.models import (
    Appointment,
    Hours,
    Location,
    Occurrence,
    OccurrenceResource,
    Practitioner,
    Resource,
    Service,
)
from clinic.scheduling.queries.setting import NoClinic, get_setting
from clinic.setup.commands import clinic
from clinic.setup.operations import Loaded, StrandedVisits, load_clinic
from clinic.setup.queries import dump_clinic
from clinic.setup.rules.as_setting import as_setting
from clinic.setup.rules.clinic_file import ClinicFile
from clinic.setup.rules.reading import read_clinic_file

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)  # Monday, 10:00 in New York

TEXT = """
[clinic]
name = "Riverside Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0100"
[[locations]]
slug = "main"
name = "Main office"
[[locations]]
slug = "uptown"
name = "Uptown"
time_zone = "America/Chicago"
[[resources]]
slug = "lab"
name = "Gait lab"
kind = "room"
location = "main"
[[resources]]
slug = "treadmill-2"
name = "Treadmill 2"
kind = "equipment"
location = "main"
[[resources]]
slug = "treadmill-1"
name = "Treadmill 1"
kind = "equipment"
location = "main"
[[services]]
slug = "gait"
name = "Gait analysis"
minutes = 60
min_notice_hours = 0.5
price_cents = 42000
forms = ["intake"]
needs = [["lab"], ["treadmill-2", "treadmill-1"]]
[[services]]
slug = "follow-up"
name = "Follow-up"
minutes = 30
price_cents = 18000
[[practitioners]]
slug = "osei"
name = "Amara Osei"
services = ["gait", "follow-up"]
[[practitioners.licences]]
state = "NY"
kind = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"
[[practitioners.exceptions]]
date = 2026-12-24
hours = []
[[practitioners]]
slug = "abe"
name = "Abe Ito"
services = ["follow-up"]
licence = "PT"
[[practitioners.hours]]
days = ["sat"]
from = "09:00"
to = "24:00"
location = "main"
[[closures]]
date = 2026-11-26
reason = "Thanksgiving"
[[products]]
slug = "gait-3d"
name = "3D gait analysis"
service = "gait"
price_cents = 42000
"""


def read(text: str) -> ClinicFile:
    return read_clinic_file(data=text.encode())


def without(old: str, new: str = "") -> ClinicFile:
    assert TEXT.count(old) == 1, old
    return read(TEXT.replace(old, new))


def load(file: ClinicFile, **more: Any) -> Loaded:
    return load_clinic(file=file, actor=SYSTEM, now=NOW, **more)


def rows(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@transaction
def book(*, service: str, practitioner: str, at: datetime, status: str = "booked") -> str:
    """A visit at the main office as the tables keep it, whatever the rules would say."""

    def number(model: type[Any], slug: str) -> int:
        return int(db.session.scalars(select(model.id).where(model.slug == slug)).one())

    ends = at + timedelta(hours=1)
    patient = Patient(
        given_name="Ana",
        family_name="Beltran",
        birth_date=at.date(),
        given_key="ana",
        family_key="beltran",
        created_at=NOW,
    )
    occurrence = Occurrence(
        service_id=number(Service, service),
        practitioner_id=number(Practitioner, practitioner),
        location_id=number(Location, "main"),
        starts_at=at,
        ends_at=ends,
        busy_from=at,
        busy_until=ends,
        capacity=1,
        state="booked",
    )
    db.session.add_all([patient, occurrence])
    db.session.flush()
    if service == "gait":
        for position, slug in enumerate(("lab", "treadmill-1")):
            db.session.add(
                OccurrenceResource(
                    occurrence_id=occurrence.id,
                    resource_id=number(Resource, slug),
                    position=position,
                )
            )
    appointment = Appointment(
        occurrence_id=occurrence.id, patient_id=patient.id, status=status, created_at=NOW
    )
    db.session.add(appointment)
    return appointment.public_id


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


class TestCommands:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "clinic.toml"
        path.write_text(TEXT, encoding="utf-8")
        return path

    def test_load_then_dump_then_load_changes_nothing(self, app: Flask, file: Path) -> None:
        runner = app.test_cli_runner()
        first = runner.invoke(clinic, ["load", str(file)])
        assert (first.exit_code, first.output.splitlines()[-1]) == (
            0,
            "Riverside Rehab: loaded, version 1",
        )
        dumped = runner.invoke(clinic, ["dump"])
        file.write_bytes(dumped.stdout_bytes)
        again = runner.invoke(clinic, ["load", str(file)])
        assert again.output == "Riverside Rehab: unchanged, version 1\n"
        assert runner.invoke(clinic, ["dump"]).stdout_bytes == dumped.stdout_bytes

    def test_load_names_each_fault_on_a_line_of_its_own_and_changes_nothing(
        self, app: Flask, file: Path
    ) -> None:
        file.write_text(TEXT.replace("minutes = 60", "minutes = 0").replace("usd", "us"))
        file.write_text(file.read_text().replace('licence = "PT"', "licence = 7"))
        result = app.test_cli_runner().invoke(clinic, ["load", str(file)])
        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr.splitlines()[2:] == [
            'services[0].minutes ("gait"): must be from 1 to 1440, not 0',
            'practitioners[1].licence ("abe"): must be a text in quotes, not 7',
        ]
        with app.app_context(), pytest.raises(NoClinic):
            dump_clinic()

    @pytest.mark.parametrize("name", ["absent.toml", "."])
    def test_load_says_when_a_file_cannot_be_read(
        self, app: Flask, tmp_path: Path, name: str
    ) -> None:
        result = app.test_cli_runner().invoke(clinic, ["load", str(tmp_path / name)])
        assert result.exit_code == 2
        assert "cannot be read" in result.stderr

    def test_load_lists_stranded_visits_without_a_patient(self, app: Flask, file: Path) -> None:
        runner = app.test_cli_runner()
        runner.invoke(clinic, ["load", str(file)])
        with app.app_context():
            later = datetime(2999, 11, 4, 15, 0, tzinfo=UTC)
            visit = book(service="gait", practitioner="osei", at=later)
        file.write_text(TEXT.replace('"mon", "tue", "wed", "thu", "fri"', '"sun"'))
        refused = runner.invoke(clinic, ["load", str(file)])
        assert refused.exit_code == 1
        assert visit in refused.stderr
        assert "Beltran" not in refused.stderr
        assert runner.invoke(clinic, ["load", str(file), "--allow-stranded"]).exit_code == 0

    def test_dump_says_when_there_is_no_clinic(self, app: Flask) -> None:
        result = app.test_cli_runner().invoke(clinic, ["dump"])
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "This clinic is not set up yet.\n"
