"""Finding a patient among ten thousand, typing slips and all."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import insert, select

from clinic.core.db import db, transaction
from clinic.core.types import new_public_id
from clinic.core.values import PUBLIC
from clinic.people.models import Patient, PatientSearchKey
from clinic.people.operations import find_or_add_patient
from clinic.people.operations.patients import refresh_search_keys
from clinic.people.queries import search_patients
from clinic.people.rules.names import name_key
from clinic.people.rules.patients import PatientDetails
from clinic.people.rules.searching import read_asked, search_keys
from tests.support.timing import assert_takes

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
MANY = 10_000
ASKED = 100
STARTS = """Al Be Bra Chan Da El Fer Gar Ho Jen Kim Lo Mar Na Ol Pe Qui Ro San Tor Va Wil Yo"""
MIDDLES = """a be ci de er in la lo mi na no ri sta ten to"""
ENDS = """ber do dez ell ford ger ham kins ley man mer nez o son sen ston ton ver wood z"""
GIVEN = """
Ana Ben Carla David Elena Frank Grace Hugo Iris James Karen Leo Maria Nadia Omar Paula Rosa
Sam Theo Uma Victor Wei Ximena Yuki Zoe Amelia Brian Catherine Dominic Eleanor Fatima George
Hannah Isabel Jonas Katharina Liam Matthew Natalie Oscar Penelope Raymond Stephanie Tobias
"""


@transaction
def come(given: str, family: str, *, born: str = "1980-02-29", phone: str | None = None) -> Patient:
    details = PatientDetails(
        given_name=given,
        family_name=family,
        birth_date=date.fromisoformat(born),
        phone=phone,
    )
    return find_or_add_patient(details=details, actor=PUBLIC, now=NOW)


def found(text: str) -> list[str]:
    return [one.name for one in search_patients(asked=read_asked(text))]


@pytest.mark.usefixtures("in_app")
class TestSearchPatients:
    @pytest.fixture(autouse=True)
    def people(self, in_app: Flask) -> None:
        come("José", "García-Márquez", born="1984-03-14", phone="+12125550100")
        come("Margaret", "O'Neill", born="1971-12-01", phone="+12125550199")
        come("Wei", "Zhang", born="1984-03-14", phone="+442079460000")
        come("Zhang", "Wei")

    def test_finds_by_what_is_heard(self) -> None:
        jose, margaret, wei = "José García-Márquez", "Margaret O'Neill", "Wei Zhang"
        heard = {
            "jose garcia": [jose],
            "marquez": [jose],
            "gar jo": [jose],
            "mar": [jose, margaret],
            "oneill": [margaret],
            "Margret ONeil": [margaret],
            "margaretoneill": [margaret],
            "3/14/1984": [jose, wei],
            "1984-03-14 zhang": [wei],
            "212 555": [jose, margaret],
            "(212) 555-0199": [margaret],
            "+1 212 555 0100": [jose],
            "0199": [margaret],
            "555-0100": [jose],
            "garcia 0199": [],
            "smith": [],
            "": [],
            "  ' %_ ": [],
            "2/30/1984": [],
            "\x00": [],
        }
        assert {typed: sorted(found(typed)) for typed in heard} == heard

    def test_puts_the_same_order_of_words_level(self) -> None:
        assert set(found("wei zhang")[:2]) == {"Wei Zhang", "Zhang Wei"}

    def test_knows_a_record_by_its_present_name(self) -> None:
        public_id = come("Ann", "Lee").public_id
        rename(public_id, "Ann", "Petrosyan")
        assert found("petrosian") == ["Ann Petrosyan"]
        assert found("ann lee") == []


@transaction
def rename(public_id: str, given: str, family: str) -> None:
    patient = db.session.scalars(select(Patient).where(Patient.public_id == public_id)).one()
    patient.given_name, patient.family_name = given, family
    patient.given_key, patient.family_key = name_key(given), name_key(family)
    refresh_search_keys(patient)


def names(random: Random) -> Iterator[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    while len(seen) < MANY:
        family = (
            random.choice(STARTS.split())
            + random.choice(MIDDLES.split())
            + random.choice(ENDS.split())
        )
        one = (random.choice(GIVEN.split()), family)
        if one not in seen:
            seen.add(one)
            yield one


@transaction
def fill(people: list[tuple[str, str]]) -> None:
    """All of them at once, past the operation: ten thousand bookings are not what is asked."""
    patients = [
        {
            "id": number,
            "public_id": new_public_id(),
            "given_name": given,
            "family_name": family,
            "given_key": name_key(given),
            "family_key": name_key(family),
            "birth_date": date(1940, 1, 1) + timedelta(days=number * 3),
            "created_at": NOW,
        }
        for number, (given, family) in enumerate(people, start=1)
    ]
    keys = [
        {"key": key, "patient_id": number}
        for number, (given, family) in enumerate(people, start=1)
        for key in search_keys(given_name=given, family_name=family, phone=None)
    ]
    db.session.execute(insert(Patient.__table__), patients)  # type: ignore[arg-type]
    db.session.execute(insert(PatientSearchKey.__table__), keys)  # type: ignore[arg-type]


def with_a_slip(name: str, random: Random) -> str:
    """One letter left out, doubled wrongly, mistaken, or two of them turned round."""
    at = random.randrange(len(name) - 1)
    letter = random.choice("abcdefghijklmnopqrstuvwxyz")
    return random.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + letter + name[at:],
            name[:at] + letter + name[at + 1 :],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        )
    )


@pytest.mark.usefixtures("in_app")
class TestAmongTenThousand:
    def test_finds_a_name_with_one_slip_among_the_first_five_at_once(self) -> None:
        random = Random(5)
        people = list(names(random))
        fill(people)
        asked = [
            (f"{given} {family}", with_a_slip(f"{given} {family}", random))
            for given, family in random.sample(people, ASKED)
        ]
        hits: list[bool] = []

        def quarter() -> float:
            """What a quarter of them did not exceed: what else the machine does is not theirs."""
            took = []
            for name, typed in asked:
                began = time.perf_counter()
                answer = search_patients(asked=read_asked(typed))
                took.append(time.perf_counter() - began)
                hits.append(name in [one.name for one in answer[:5]])
            return sorted(took)[len(took) // 4]

        assert_takes(quarter, less_than=0.05)
        assert sum(hits) >= 0.95 * len(hits)
