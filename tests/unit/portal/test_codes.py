"""A typed code."""

import pytest

from clinic.portal.rules.codes import clean_code


class TestCleanCode:
    @pytest.mark.parametrize(
        "typed", ["012345", " 012 345 ", "012-345", "0 1 2 3 4 5", "０１２３４５"]
    )
    def test_reads_what_people_type(self, typed: str) -> None:
        assert clean_code(typed) == "012345"

    @pytest.mark.parametrize(
        "typed", ["", "12345", "1234567", "12345a", "½23456", "\x00", "-" * 60]
    )
    def test_takes_nothing_else(self, typed: str) -> None:
        assert clean_code(typed) == ""
