"""Words of the catalogue: tidied, bounded, read line by line."""

import pytest

from clinic.gait.rules.copy import faults_in, lines_of, named_lines, questions_of, tidied


class TestTidied:
    def test_keeps_lines_where_they_are_meant(self) -> None:
        found = tidied({"gets": " A  report:\tin words \r\n\r\n A call ", "bring": "Shoes\nshorts"})
        assert found["gets"] == "A report: in words\nA call"
        assert found["bring"] == "Shoes shorts"
        assert found["questions"] == ""

    def test_is_the_same_the_second_time(self) -> None:
        once = tidied({"gets": "a\n\n b ", "summary": " x "})
        assert tidied(once) == once


class TestFaultsIn:
    def test_bounds_every_field(self) -> None:
        faults = faults_in(tidied({"summary": "x" * 241, "bring": "x" * 300, "gets": "a\x00b"}))
        assert faults.keys() == {"summary", "gets"}


class TestLines:
    def test_are_named_up_to_the_first_colon(self) -> None:
        found = named_lines("A report: in words: yours\nA call")
        assert [(one.name, one.text) for one in found] == [
            ("A report", "in words: yours"),
            ("A call", ""),
        ]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Does it hurt? No.", [("Does it hurt?", "No.")]),
            ("Why? Because? Yes.", [("Why?", "Because? Yes.")]),
            ("No question", []),
            ("Unanswered?", []),
            ("", []),
        ],
    )
    def test_of_questions_need_an_answer(self, text: str, expected: list[tuple[str, str]]) -> None:
        assert [(one.name, one.text) for one in questions_of(text)] == expected

    def test_that_are_empty_say_nothing(self) -> None:
        assert lines_of("a\n\nb") == ("a", "b")
