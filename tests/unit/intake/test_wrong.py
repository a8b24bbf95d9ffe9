"""What a page says of an answer that is none."""

import pytest

from clinic.intake.presenters.wrong import sentence_of
from clinic.intake.rules.typed import Wrong

WRONG = [
    Wrong("no-number"),
    Wrong("not-whole"),
    Wrong("no-year", "year"),
    Wrong("no-month", "month"),
    Wrong("no-day", "day"),
    Wrong("bad-year", "year"),
    Wrong("bad-month", "month"),
    Wrong("bad-day", "day"),
    Wrong("bad-time", "time"),
    Wrong("other-missing", "other"),
    Wrong("too-many", most=50),
    Wrong("too-many-files", most=10),
    Wrong("too-small", low=1, high=10),
    Wrong("too-small", low=1, high=None),
    Wrong("too-large", low=None, high=10),
    Wrong("too-long", most=200),
    Wrong("excludes", option="None of these"),
    Wrong("file", words="This file is too large."),
    Wrong("wrong"),
]


class TestSentence:
    @pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.kind)
    def test_names_the_question_that_it_is_about(self, wrong: Wrong) -> None:
        said = sentence_of(wrong, question="When did it begin?")

        assert said.endswith(": When did it begin?")
        assert "None" not in said.replace("None of these", "")
        assert ".:" not in said
