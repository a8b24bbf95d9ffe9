"""The texts a manager may write: their fields, their limits, and what ships."""

import pytest

from clinic.site.queries.texts import shipped_texts
from clinic.site.rules.texts import FIELDS, Kind, Name, faults_in, is_slug, tidied

PAGE = {"title": "Knee pain", "summary": "What it is.", "body": "A paragraph."}


def faults(kind: Kind, **content: str) -> dict[str, str]:
    found = faults_in(kind=kind, content=tidied(kind=kind, content=content))
    return {name: str(faults[0]) for name, faults in found.items()}


class TestFaultsIn:
    def test_lets_a_whole_text_pass(self) -> None:
        assert faults(Kind.CONDITION, **PAGE) == {}

    def test_asks_for_what_is_missing(self) -> None:
        assert faults(Kind.CONDITION, **{**PAGE, "title": "  "}) == {
            "title": "Enter some words here."
        }

    def test_lets_people_say_little_of_themselves(self) -> None:
        assert faults(Kind.PERSON, focus="Hips") == {}

    def test_bounds_every_field(self) -> None:
        for kind, rules in FIELDS.items():
            for rule in rules:
                found = faults(kind, **{rule.name: "x" * (rule.longest + 1)})
                assert found[rule.name] == f"Use at most {rule.longest} characters."

    @pytest.mark.parametrize("sign", ["\x00", "\x1b", "\u2028", "\ud800"])
    def test_refuses_what_cannot_be_printed(self, sign: str) -> None:
        assert (
            "cannot be printed" in faults(Kind.CONDITION, **{**PAGE, "body": f"a{sign}b"})["body"]
        )

    def test_tells_of_markup_that_was_hardly_meant(self) -> None:
        assert "no drawing" in faults(Kind.CONDITION, **{**PAGE, "body": "!drawing x"})["body"]


class TestTidied:
    def test_keeps_lines_where_markup_is_and_joins_them_elsewhere(self) -> None:
        found = tidied(
            kind=Kind.CONDITION, content={"title": " Knee\r\npain ", "body": "a  \r\n\r\nb\n"}
        )
        assert (found["title"], found["body"]) == ("Knee pain", "a\n\nb")

    def test_holds_the_fields_of_the_kind_and_no_others(self) -> None:
        assert list(tidied(kind=Kind.PAGE, content={"color": "red"})) == [
            "title",
            "summary",
            "body",
        ]


class TestIsSlug:
    @pytest.mark.parametrize("text", ["knee-pain", "a", "l5-s1", "x" * 60])
    def test_takes_the_last_part_of_an_address(self, text: str) -> None:
        assert is_slug(text)

    @pytest.mark.parametrize("text", ["", "Knee", "knee pain", "-a", "a--b", "a/b", "é", "x" * 61])
    def test_refuses_all_else(self, text: str) -> None:
        assert not is_slug(text)


class TestShippedTexts:
    def test_keep_the_rules_they_set_for_others(self) -> None:
        for name, text in shipped_texts().items():
            assert faults_in(kind=name.kind, content=text.content) == {}, name

    def test_cover_what_pages_rely_on(self) -> None:
        wanted = {
            Name(Kind.HOME, "home"),
            Name(Kind.CONDITION, "buttock-pain"),
            Name(Kind.PAGE, "privacy"),
            Name(Kind.PAGE, "accessibility"),
        }
        assert wanted <= set(shipped_texts())
