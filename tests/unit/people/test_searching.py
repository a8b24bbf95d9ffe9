"""What a name is searched by."""

from hypothesis import given
from hypothesis import strategies as st

from clinic.people.rules.searching import words_of


class TestWordsOf:
    def test_leaves_out_accents_marks_and_apostrophes(self) -> None:
        assert words_of("Jos\u00e9 O\u2019Neil-Ruiz 3rd") == ["jose", "oneil", "ruiz", "3rd"]
        assert words_of("Jose O'Neil-Ruiz 3rd") == ["jose", "oneil", "ruiz", "3rd"]

    @given(st.text(st.characters(max_codepoint=127), max_size=60))
    def test_are_the_same_for_plain_text_as_beside_other_letters(self, name: str) -> None:
        assert words_of(f"-{name}- \u00e9") == [*words_of(f"-{name}-"), "e"]
