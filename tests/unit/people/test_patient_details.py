"""What a caller must say of a patient, fault by fault."""

from datetime import date
from typing import Any

import pytest

from clinic.core.errors import Invalid
from clinic.people.rules.patients import PatientDetails, patient_details

TODAY = date(2026, 11, 22)
GOOD = {
    "given_name": "Ann",
    "family_name": "Lee",
    "birth_date": "1980-02-29",
    "email": "ann@example.com",
    "phone": "212 555 0100",
}


def faults(raw: Any, *, contact_required: bool = True) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        patient_details(raw, contact_required=contact_required, today=TODAY)
    return caught.value.errors


class TestPatientDetails:
    def test_reads_them_all(self) -> None:
        assert patient_details(GOOD, contact_required=True, today=TODAY) == PatientDetails(
            given_name="Ann",
            family_name="Lee",
            birth_date=date(1980, 2, 29),
            email="ann@example.com",
            phone="+12125550100",
        )

    @pytest.mark.parametrize("absent", ["email", "phone"])
    @pytest.mark.parametrize("nothing", [None, "", "  "])
    def test_takes_one_way_of_contact(self, absent: str, nothing: str | None) -> None:
        found = patient_details({**GOOD, absent: nothing}, contact_required=True, today=TODAY)
        assert getattr(found, absent) is None

    def test_asks_the_public_for_a_contact(self) -> None:
        raw = {name: GOOD[name] for name in ("given_name", "family_name", "birth_date")}
        assert set(faults(raw)) == {"patient.email", "patient.phone"}

    def test_asks_staff_for_none(self) -> None:
        raw = {name: GOOD[name] for name in ("given_name", "family_name", "birth_date")}
        found = patient_details(raw, contact_required=False, today=TODAY)
        assert (found.email, found.phone) == (None, None)

    def test_does_not_ask_again_for_a_contact_that_is_wrong(self) -> None:
        assert set(faults({**GOOD, "email": "ann", "phone": None})) == {"patient.email"}

    @pytest.mark.parametrize("name", ["given_name", "family_name", "birth_date"])
    @pytest.mark.parametrize("nothing", [None, "", " ", "\u200b"])
    def test_misses_what_is_needed(self, name: str, nothing: str | None) -> None:
        found = faults({**GOOD, name: nothing})
        assert list(found) == [f"patient.{name}"]
        assert len(found[f"patient.{name}"]) == 1

    @pytest.mark.parametrize(
        "value",
        [
            "1981-02-29",
            "2026-02-30",
            "20000-01-01",
            "1980-1-1",
            "19800101",
            "1980-W01-1",
            "abc",
            "2026-11-23",
            "1899-12-31",
            "0000-01-01",
            "1980-02-29T00:00:00",
            "1980-02-29\x00",
            "\u0661980-01-01",
            "9" * 10_000,
            "\ud800",
        ],
    )
    def test_refuses_what_is_no_birth_date(self, value: str) -> None:
        assert list(faults({**GOOD, "birth_date": value})) == ["patient.birth_date"]

    @pytest.mark.parametrize("value", ["1900-01-01", "2026-11-22", " 2024-02-29 "])
    def test_takes_the_first_and_the_last_possible_day(self, value: str) -> None:
        patient_details({**GOOD, "birth_date": value}, contact_required=True, today=TODAY)

    @pytest.mark.parametrize("name", list(GOOD))
    @pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["Ann"], {"a": 1}])
    def test_refuses_other_types(self, name: str, value: object) -> None:
        found = faults({**GOOD, name: value})
        assert found == {f"patient.{name}": ["Send this as text."]}

    @pytest.mark.parametrize("raw", [None, [], "Ann", 5, True])
    def test_refuses_what_is_no_object(self, raw: object) -> None:
        assert list(faults(raw)) == ["patient"]

    def test_refuses_unknown_fields_and_repeats_no_more_of_them_than_needed(self) -> None:
        found = faults({**GOOD, "foo": 1, "x" * 9999: 1, "a\x00b": 1})
        assert set(found) == {"patient.foo", f"patient.{'x' * 40}", "patient.ab"}

    def test_names_every_fault_at_once(self) -> None:
        assert set(faults({"email": "no", "phone": "no", "other": 1})) == {
            "patient.given_name",
            "patient.family_name",
            "patient.birth_date",
            "patient.email",
            "patient.phone",
            "patient.other",
        }

    def test_names_the_place_it_is_told(self) -> None:
        with pytest.raises(Invalid) as caught:
            patient_details({}, contact_required=False, today=TODAY, path="who")
        assert "who.given_name" in caught.value.errors
