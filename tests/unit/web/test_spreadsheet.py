"""A file that no spreadsheet runs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.web.spreadsheet import csv_text, safe_cell


class TestCsv:
    @pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@SUM(A1)", "\t=1", "\r=1"])
    def test_lets_no_text_be_a_formula(self, text: str) -> None:
        assert safe_cell(text).startswith("'")

    def test_keeps_amounts_as_numbers(self) -> None:
        rows = list(csv.reader(io.StringIO(csv_text([("-50.00", "12.00", "-5.0.0", 'a,"b\n')]))))
        assert rows == [["-50.00", "12.00", "'-5.0.0", 'a,"b\n']]

    @given(st.text())
    def test_begins_no_cell_like_a_formula(self, text: str) -> None:
        cell = next(csv.reader(io.StringIO(csv_text([(text, "x")]), newline="")))[0]
        assert not cell.startswith(("=", "+", "@", "\t", "\r"))
        assert not cell.startswith("-") or cell[1:].replace(".", "", 1).isdecimal()
