"""The trail speaks in words: of each deed that the code writes down, and of what it was done to."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel

from clinic.trail.presenters.words import action_words, subject_words

CODE = Path(__file__).resolve().parents[3] / "clinic"
WRITTEN = re.compile(
    r'(?<!ForeignKey\()"((?:answers|appointments?|audit|clinic|contact|desk|documents?|form'
    r"|guardians?|keys|messages?|own-consent|page|patient|portal|questionnaire|safety|signatures"
    r'|staff|till|token|video|visit-requests?|waitlist)\.[a-z-]+)"'
)
NO_DEEDS = re.compile(
    r"clinic\.(?!load$|forms-asked$)|\.(id|json|pdf)$|(messages|documents)\.(about|patient)$"
)


def deeds() -> list[str]:
    """Every action that stands in the code as a literal."""
    texts = (path.read_text() for path in CODE.rglob("*.py") if not path.name.endswith("words.py"))
    found = {action for text in texts for action in WRITTEN.findall(text)}
    return sorted(action for action in found if not NO_DEEDS.search(action))


@pytest.fixture
def app() -> Flask:
    """English, and nothing else."""
    app = Flask("words")
    Babel(app)
    return app


class TestActionWords:
    def test_are_there_for_every_deed_of_the_code(self, app: Flask) -> None:
        assert "staff.second-factor-set" in deeds()
        with app.test_request_context():
            bare = [action for action in deeds() if ": " in action_words(action)]
        assert bare == []

    @pytest.mark.parametrize(
        ("action", "words"),
        [
            ("text.saved", "Changed a text of the site"),
            ("visit-request.scheduled", "Booked a visit for a request"),
            ("order.never-heard-of", "Order: never heard of"),
        ],
    )
    def test_fall_back_to_the_name(self, app: Flask, action: str, words: str) -> None:
        with app.test_request_context():
            assert action_words(action) == words


class TestSubjectWords:
    @pytest.mark.parametrize(
        ("subject", "words"),
        [
            ("text:condition:buttock-pain", "Condition: buttock pain"),
            ("text:home:home", "Home page"),
            ("clinic", "The clinic’s set-up"),
            ("patient:gone", "A patient"),
            ("visit-request:gone", "A request"),
            ("gift-card:1", "Gift card"),
        ],
    )
    def test_name_no_id(self, app: Flask, subject: str, words: str) -> None:
        with app.test_request_context():
            assert subject_words(subject) == words
