"""Names and contact data: what is kept, what is compared, what is refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.people.rules.names import (
    LONGEST_KEY,
    Unusable,
    clean_email,
    clean_name,
    clean_phone,
    name_key,
)


class TestCleanName:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("  Ann   Lee ", "Ann Lee"),
            ("Ann\u00a0Lee", "Ann Lee"),
            ("Ann\n", "Ann"),
            ("Jose\u0301", "Jos\u00e9"),
            ("\u202eAnn", "Ann"),
            ("An\u200bn\ufeff", "Ann"),
            ("\u05d3\u05d5\u05d3", "\u05d3\u05d5\u05d3"),
            ("\U0001f600", "\U0001f600"),
            ("-", "-"),
            ("", ""),
            (" \u200b\u2060 ", ""),
            ("\u200d", ""),
        ],
    )
    def test_tidies_what_was_typed(self, typed: str, kept: str) -> None:
        assert clean_name(typed) == kept

    def test_keeps_the_joiners_that_shape_letters(self) -> None:
        assert clean_name("\u0645\u06cc\u200c\u0631") == "\u0645\u06cc\u200c\u0631"

    @pytest.mark.parametrize(
        "typed",
        [
            "A\x00nn",
            "A\x1bnn",
            "A\nB",
            "A\tB",
            "A\u2028B",
            "A\x85B",
            "\ud800",
            "A\ufffdnn",
            "a" * 101,
            "a" * 10_000,
        ],
    )
    def test_refuses_what_cannot_be_kept(self, typed: str) -> None:
        with pytest.raises(Unusable):
            clean_name(typed)

    def test_refuses_a_name_whose_key_would_burst_its_column(self) -> None:
        with pytest.raises(Unusable):
            clean_name("\ufdfa" * 100)

    @given(st.text(max_size=120))
    def test_keeps_only_what_fits_the_columns(self, typed: str) -> None:
        try:
            name = clean_name(typed)
        except Unusable:
            return
        assert len(name) <= 100
        assert len(name_key(name)) <= LONGEST_KEY
        assert name == unicodedata.normalize("NFC", name)
        assert clean_name(name) == name


class TestNameKey:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Ann", "ANN"),
            ("Stra\u00dfe", "STRASSE"),
            ("Ann Lee", "ann   lee"),
            ("\uff21nn", "ann"),
            ("Jos\u00e9", "Jose\u0301"),
            ("\u01c4", "\u01c6"),
            ("An\u200dn", "Ann"),
            ("Ann\u00a0Lee", "Ann Lee"),
        ],
    )
    def test_is_one_for_spellings_of_one_name(self, one: str, other: str) -> None:
        assert name_key(one) == name_key(other)

    @pytest.mark.parametrize(("one", "other"), [("Jose", "Jos\u00e9"), ("Ann", "Anne")])
    def test_tells_names_apart(self, one: str, other: str) -> None:
        assert name_key(one) != name_key(other)

    @given(st.text(max_size=60))
    def test_is_the_key_of_itself(self, name: str) -> None:
        assert name_key(name_key(name)) == name_key(name)

    @given(st.text(st.characters(max_codepoint=127), max_size=60))
    def test_is_the_same_for_plain_text_as_beside_other_letters(self, name: str) -> None:
        assert name_key(f"-{name}-\u00e9") == name_key(f"-{name}-") + "\u00e9"


class TestCleanEmail:
    def test_gives_the_usual_form(self) -> None:
        assert clean_email("  Ann.Lee@EXAMPLE.com ") == "Ann.Lee@example.com"

    def test_is_empty_for_nothing(self) -> None:
        assert clean_email("  ") == ""

    @pytest.mark.parametrize(
        "typed",
        [
            "ann",
            "ann@",
            "@example.com",
            "a b@example.com",
            "ann@example",
            "a@b@c.com",
            "ann@exam\x00ple.com",
            "a" * 250 + "@example.com",
            "x" * 10_000,
            "\ud800@example.com",
        ],
    )
    def test_refuses_what_is_no_address(self, typed: str) -> None:
        with pytest.raises(Unusable, match=r"name@example\.com"):
            clean_email(typed)


class TestCleanPhone:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("(212) 555-0100", "+12125550100"),
            ("212.555.0100", "+12125550100"),
            ("1 212 555 0100", "+12125550100"),
            ("+44 20 7946 0018", "+442079460018"),
            ("555-123-4567", "+15551234567"),
            ("212\u2013555\u20130100", "+12125550100"),
            ("\uff12\uff11\uff12 555 0100", "+12125550100"),
            ("", ""),
        ],
    )
    def test_gives_e164(self, typed: str, kept: str) -> None:
        assert clean_phone(typed) == kept

    @pytest.mark.parametrize(
        "typed",
        [
            "555-0100",
            "12",
            "phone",
            "1-800-FLOWERS",
            "212 555 0100 x12",
            "+",
            "+999 1",
            "2" * 41,
            "9" * 10_000,
            "212555\x000100",
            "\ud800",
        ],
    )
    def test_refuses_what_nobody_can_dial(self, typed: str) -> None:
        with pytest.raises(Unusable):
            clean_phone(typed)
