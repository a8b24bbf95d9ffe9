"""JSON as programs send it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.interop.rules.json_text import NotJson, TextFault, join, read_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
NUMBERS = st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXTS, inside, max_size=4),
    max_leaves=15,
)


class TestReadJson:
    @given(VALUES)
    def test_reads_what_json_writes(self, value: object) -> None:
        found = read_json(data=json.dumps(value).encode())
        assert found.value == value
        assert found.faults == {}

    @given(st.binary(max_size=60))
    def test_reads_or_refuses_any_bytes(self, data: bytes) -> None:
        try:
            read_json(data=data)
        except NotJson:
            return

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b" ",
            b"{",
            b"nul",
            b"[1,]",
            b"NaN",
            b'{"a": Infinity}',
            b"-Infinity",
            b"'a'",
            b"\xff",
            b"\xef\xbb\xbf{}",
            '{"a": 1}'.encode("utf-16"),
            b'"\x00"',
            b"[" * 10_000,
            b"[" * 100_000 + b"]" * 100_000,
            b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
            b"[" * 30 + b"]" * 30,
        ],
    )
    def test_refuses_what_is_not_json(self, data: bytes) -> None:
        with pytest.raises(NotJson):
            read_json(data=data)

    def test_takes_twenty_levels(self) -> None:
        assert read_json(data=b"[" * 21 + b"]" * 21).faults == {}

    def test_finds_names_given_twice(self) -> None:
        found = read_json(data=b'{"a": 1, "a": 2, "b": [{"c": 1, "c": 1}]}')
        assert found.faults == {"a": TextFault.DOUBLED, "b.0.c": TextFault.DOUBLED}

    def test_finds_lone_surrogates(self) -> None:
        found = read_json(data=b'{"a": ["\\ud83d\\ude00", "\\ud83d"], "\\udc00": "\\ud800"}')
        assert found.faults == {"a.1": TextFault.UNREADABLE, "?": TextFault.UNREADABLE}

    def test_keeps_no_number_that_fits_nowhere(self) -> None:
        assert read_json(data=b"1" * 18).value == int("1" * 18)
        assert isinstance(read_json(data=b"1" * 19).value, float)
        assert isinstance(read_json(data=b"1" * 100_000).value, float)


class TestJoin:
    def test_keeps_paths_short_and_printable(self) -> None:
        assert join("patient", "email") == "patient.email"
        assert join("", "\x00\u202e") == "?"
        assert join("", "x" * 50) == "x" * 40
