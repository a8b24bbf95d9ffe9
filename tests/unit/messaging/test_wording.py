"""The manager's own words: which placeholders there are, and where a wrong one stands."""

import pytest
from babel import Locale

from clinic.messaging.lines import error_words
from clinic.messaging.rules import KINDS
from clinic.messaging.wording import (
    LANGUAGES,
    OwnWords,
    faults_in,
    filled,
    placeholders_of,
    tidied,
)
from clinic.scheduling.presenters.request_words import LANGUAGES as ASKED_FOR


class TestFaultsIn:
    @pytest.mark.parametrize("kind", KINDS)
    def test_takes_every_placeholder_of_a_kind(self, kind: str) -> None:
        names = [placeholders_of(kind=kind, is_subject=one) for one in (True, False)]
        subject, words = (" ".join(f"{{{name}}}" for name in one) for one in names)
        assert faults_in(kind=kind, own=OwnWords(subject, words)) == {}

    @pytest.mark.parametrize(
        ("words", "line", "place", "what"),
        [
            ("Hello {nmae}", 1, 7, "nmae"),
            ("Hello\n\nBring {shoes}, please", 3, 7, "shoes"),
            ("{day}", 1, 1, "day"),
            ("{ name }", 1, 1, " name "),
            ("{}", 1, 1, ""),
            ("alone }", 1, 7, ""),
            ("{{name}}", 1, 1, ""),
        ],
    )
    def test_names_the_place_of_one_that_there_is_not(
        self, words: str, line: int, place: int, what: str
    ) -> None:
        fault = faults_in(kind="report-released", own=OwnWords(words=words))["words"][0]
        assert (fault.line, fault.place, fault.what) == (line, place, what)

    def test_lets_no_subject_name_anybody(self) -> None:
        assert "subject" in faults_in(kind="visit-booked", own=OwnWords("For {name}"))

    def test_lets_nothing_begin_another_header(self) -> None:
        assert tidied(subject="A\r\nBcc: all@example.com", words="").subject == (
            "A Bcc: all@example.com"
        )
        assert "subject" in faults_in(kind="visit-booked", own=OwnWords("A\x00"))


class TestFilled:
    def test_reads_each_placeholder_once(self) -> None:
        assert filled("{name}, {clinic}", {"name": "{clinic}", "clinic": "X"}) == "{clinic}, X"


class TestLanguages:
    def test_are_all_that_a_patient_may_ask_to_be_spoken_to_in(self) -> None:
        spoken = {tag for tag in ASKED_FOR if tag not in {"", "ase"}}
        assert {Locale.parse(tag).language for tag in spoken} == {*LANGUAGES} - {"en"}


class TestErrorWords:
    def test_leave_what_is_no_answer_of_a_server(self) -> None:
        for said in ("", "no longer true", "not sent in time", "21610"):
            assert error_words(said) == said
