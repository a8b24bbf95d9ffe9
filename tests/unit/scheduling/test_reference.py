"""A visit's reference: short, unique, read out without mistakes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.scheduling.rules.reference import (
    MOST,
    number_of,
    reference_of,
    request_number_of,
    request_reference,
)


class TestReferenceOf:
    @given(st.integers(0, MOST - 1))
    def test_leads_back_to_its_number(self, number: int) -> None:
        assert number_of(reference_of(number)) == number

    def test_is_unique_and_has_no_sign_that_looks_like_another(self) -> None:
        made = [reference_of(number) for number in range(20_000)]
        assert len(set(made)) == len(made)
        assert all(re.fullmatch(r"[2-9CDFHJKMNPRTWXY]{3}-[2-9CDFHJKMNPRTWXY]{3}", r) for r in made)

    def test_does_not_count_up(self) -> None:
        made = [reference_of(number) for number in range(1000, 1100)]
        assert sorted(made) != made
        assert len({reference[:2] for reference in made}) > 50

    def test_never_changes(self) -> None:
        """What was once printed must be found for ever."""
        assert [reference_of(number) for number in (1, 2, 123_456)] == [
            "P3H-3K7",
            "FKY-F66",
            "DTN-3FT",
        ]

    @pytest.mark.parametrize("number", [-1, MOST])
    def test_refuses_a_number_out_of_range(self, number: int) -> None:
        with pytest.raises(ValueError, match="no reference"):
            reference_of(number)


class TestNumberOf:
    @pytest.mark.parametrize("how", ["{0}-{1}", "{0} {1}", "{0}{1}", " {0}–{1} ", "{0}.{1}"])
    def test_reads_it_however_it_is_typed(self, how: str) -> None:
        first, second = reference_of(77).split("-")
        assert number_of(how.format(first.lower(), second)) == 77

    @pytest.mark.parametrize("typed", ["", "KX4", "KX4-7M22", "OOO-OOO", "ééé-ééé", "x" * 5000])
    def test_knows_what_is_none(self, typed: str) -> None:
        assert number_of(typed) is None


class TestRequestReference:
    @given(st.integers(0, MOST - 1))
    def test_leads_back_to_its_number_and_to_no_visit(self, number: int) -> None:
        made = request_reference(number)
        assert request_number_of(made.replace("-", " ").lower()) == number
        assert number_of(made) is None
        assert request_number_of(reference_of(number)) is None

    def test_never_changes(self) -> None:
        assert request_reference(1) == "R-P3H-3K7"
