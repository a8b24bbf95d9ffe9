"""The small markup: what it reads, what it never lets through, and what it tells the writer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.site.rules.markup import (
    DRAWINGS,
    Block,
    Run,
    faults_of,
    is_own_page,
    links_of,
    read_markup,
)

WHOLE = """
## How it feels
A **deep** ache, see [booking](/book).
Still the same paragraph.
- one
- **two**

1. first
2. second

> **Call 911** if it gets worse.

### Piriformis
!drawing piriformis
!button /book Book now
"""


def kinds(text: str) -> list[str]:
    return [block.kind for block in read_markup(text)]


class TestReadMarkup:
    def test_reads_every_kind_of_block(self) -> None:
        assert kinds(WHOLE) == [
            "heading",
            "paragraph",
            "list",
            "numbered",
            "warning",
            "subheading",
            "drawing",
            "button",
        ]

    def test_reads_bold_words_and_links(self) -> None:
        block = read_markup("A **deep** ache, see [booking](/book).")[0]
        assert block.runs == (
            Run("A "),
            Run("deep", is_bold=True),
            Run(" ache, see "),
            Run("booking", href="/book"),
            Run("."),
        )

    def test_keeps_the_words_of_items_without_their_marks(self) -> None:
        lists = [block.items for block in read_markup("- one\n- two\n\n1. first")]
        assert lists == [((Run("one"),), (Run("two"),)), ((Run("first"),),)]

    def test_knows_a_button_and_a_drawing(self) -> None:
        drawing, button = read_markup("!drawing fall\n!button /book Book now")
        assert (drawing.name, drawing.is_drawn) == ("fall", True)
        assert (button.href, button.text) == ("/book", "Book now")

    def test_gives_each_heading_an_anchor_of_its_own(self) -> None:
        found = [block.id for block in read_markup("## Pain!\n## Pain\n### Übung\n## 痛み")]
        assert found == ["on-pain", "on-pain-2", "on-bung", "on-part"]

    def test_leaves_html_the_text_it_is(self) -> None:
        assert read_markup("<script>alert(1)</script>")[0].runs == (
            Run("<script>alert(1)</script>"),
        )

    @pytest.mark.parametrize(
        "href", ["https://evil.example", "//evil.example", "javascript:alert(1)", "/\\evil", "book"]
    )
    def test_makes_no_link_to_elsewhere(self, href: str) -> None:
        assert links_of(read_markup(f"[words]({href})")) == ()
        assert faults_of(f"[words]({href})")

    @given(st.text())
    def test_reads_anything_and_keeps_anchors_apart(self, text: str) -> None:
        blocks = read_markup(text)
        anchors = [block.id for block in blocks if block.id]
        assert len(anchors) == len(set(anchors))
        inline = [run.href for block in blocks for run in block.runs if run.href]
        assert all(is_own_page(href) for href in inline)


class TestFaultsOf:
    def test_finds_none_in_a_text_as_it_is_meant(self) -> None:
        assert faults_of(WHOLE) == ()

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("!drawing unicorn", "no drawing of that name: unicorn"),
            ("!button https://evil.example Go", "A button needs a page of ours"),
            ("!button /book", "A button needs a page of ours"),
            ("!picture x", "not understood: !picture x"),
            ("# Too large", "not understood: # Too large"),
            ("A **lonely star", "two stars before and two after"),
            ("- see [us](http://x.example)", "A link leads to a page of ours: http://x.example"),
        ],
    )
    def test_names_what_was_hardly_meant(self, text: str, words: str) -> None:
        assert words in " ".join(str(fault) for fault in faults_of(text))

    @given(st.text())
    def test_reads_anything(self, text: str) -> None:
        faults_of(text)

    def test_knows_every_drawing(self) -> None:
        for name in DRAWINGS:
            assert Block("drawing", name=name).is_drawn
