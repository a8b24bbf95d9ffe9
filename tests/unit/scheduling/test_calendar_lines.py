"""Lines of calendar files, read back by a library that is not ours."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Event

from clinic.scheduling.rules.calendar_lines import line, parameter, words

PRINTED = st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from(',;:\\\n"^'))


def read(*lines: bytes) -> Event:
    found = Event.from_ical(b"".join((b"BEGIN:VEVENT\r\n", *lines, b"END:VEVENT\r\n")))
    assert isinstance(found, Event)
    return found


class TestLine:
    @given(PRINTED)
    @example("a" * 66 + ",b")
    @example("\\N \\n \\; ^n ^' " * 9)
    @example("ü" * 80)
    def test_comes_back_as_it_went(self, text: str) -> None:
        assert read(line("SUMMARY", words(text)))["SUMMARY"] == text

    @given(PRINTED)
    def test_has_75_bytes_at_most_and_cuts_no_character(self, text: str) -> None:
        pieces = line("SUMMARY", words(text)).removesuffix(b"\r\n").split(b"\r\n")
        assert all(len(piece) <= 75 and piece.decode() for piece in pieces)
        assert all(piece.startswith(b" ") for piece in pieces[1:])

    def test_cuts_no_escape_in_two(self) -> None:
        for before in range(60, 75):
            folded = line("SUMMARY", words("a" * before + ";" * 9 + "\\" * 9 + "\n" * 9))
            for piece in folded.split(b"\r\n "):
                assert not re.search(rb"(?<!\\)(\\\\)*\\$", piece)

    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x7f"])
    def test_lets_nothing_begin_another(self, end: str) -> None:
        """A value that is not escaped: an address or a link."""
        told = line(f"ORGANIZER;CN={parameter(f'Ann{end}UID:2')}", f"mailto:a@b.example{end}UID:3")
        assert re.sub(rb"\r\n ", b"", told).count(b"\r\n") == 1
        assert "UID" not in read(told)

    @pytest.mark.parametrize("name", ['Dr. "Bea" Roe', "Roe; Bea, PT: ^ n", "Beltrán"])
    def test_keeps_names_in_parameters(self, name: str) -> None:
        address = read(line(f"ATTENDEE;CN={parameter(name)}", "mailto:a@b.example"))["ATTENDEE"]
        assert address.params["CN"] == name
