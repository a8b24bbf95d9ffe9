"""What a phone offers where somebody types, in our own questionnaires."""

import pytest

from clinic.intake import library
from clinic.intake.presenters.known_answers import OWN, typing_help
from clinic.intake.rules.form import Item

LINES: dict[str, Item] = {
    item.link_id: item
    for name in library.QUESTIONNAIRES
    for item in library.form(name=name).items
    if item.type == "string"
}


class TestTypingHelp:
    def test_knows_only_questions_that_there_are(self) -> None:
        assert OWN.keys() <= LINES.keys()

    @pytest.mark.parametrize(
        ("link_id", "here", "on_a_tablet"),
        [
            ("name-last", {"autocomplete": "family-name"}, {"autocomplete": "off"}),
            (
                "mobile",
                {"inputmode": "tel", "autocomplete": "tel"},
                {"inputmode": "tel", "autocomplete": "off"},
            ),
            (
                "email",
                {"inputmode": "email", "autocomplete": "email"},
                {"inputmode": "email", "autocomplete": "off"},
            ),
            ("emergency-phone", {"inputmode": "tel"}, {"inputmode": "tel", "autocomplete": "off"}),
            ("emergency-name", {}, {"autocomplete": "off"}),
        ],
    )
    def test_fills_in_what_is_ones_own_and_nothing_on_a_device_of_many(
        self, link_id: str, here: dict[str, str], on_a_tablet: dict[str, str]
    ) -> None:
        item = LINES[link_id]
        assert typing_help(item, is_own_device=True) == here
        assert typing_help(item, is_own_device=False) == on_a_tablet
