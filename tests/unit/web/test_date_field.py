"""Three parts of a birth date."""

from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import InputRequired

from clinic.web.date_field import BirthDateField, DateFault, part_order, read_birth_date
from clinic.web.fields import error_list
from tests.support.ground import make_ground

TODAY = date(2026, 11, 22)


class Sample(Form):  # type: ignore[misc]  # WTForms is not typed
    born = BirthDateField("Date of birth", [InputRequired("Enter your birth date")])


@pytest.fixture
def ground() -> Flask:
    return make_ground()


def filled(ground: Flask, *pairs: tuple[str, str]) -> Sample:
    with ground.test_request_context():
        form = Sample(MultiDict(list(pairs)))
        form.validate()
        return form


class TestReadBirthDate:
    def test_reads_a_real_date(self) -> None:
        found = read_birth_date(day=" 7", month="03", year="1984", today=TODAY)
        assert found == date(1984, 3, 7)

    def test_takes_today(self) -> None:
        assert read_birth_date(day="22", month="11", year="2026", today=TODAY) == TODAY

    @pytest.mark.parametrize(
        ("day", "month", "year", "kind", "parts"),
        [
            ("", "3", "1984", "missing", ("day",)),
            ("", " ", "", "missing", ("day", "month", "year")),
            ("30", "2", "1984", "impossible", ("day",)),
            ("29", "2", "1983", "impossible", ("day",)),
            ("7", "13", "1984", "impossible", ("month",)),
            ("0", "1", "1984", "impossible", ("day",)),
            ("seven", "3", "1984", "no-number", ("day",)),
            ("-7", "3", "1984", "no-number", ("day",)),
            ("٧", "3", "1984", "no-number", ("day",)),
            ("²", "3", "1984", "no-number", ("day",)),
            ("7", "3", "84", "no-number", ("year",)),
            ("7", "3", "20000", "no-number", ("year",)),
            ("9" * 10_000, "3", "1984", "no-number", ("day",)),
            ("7", "3", "0000", "impossible", ("day",)),
            ("23", "11", "2026", "future", ("year",)),
            ("7", "3", "1895", "long-ago", ("year",)),
        ],
    )
    def test_says_what_is_wrong_where(
        self, day: str, month: str, year: str, kind: str, parts: tuple[str, ...]
    ) -> None:
        found = read_birth_date(day=day, month=month, year=year, today=TODAY)
        assert found == DateFault(kind, parts)


class TestBirthDateField:
    def test_gives_the_date(self, ground: Flask) -> None:
        form = filled(ground, ("born-day", "7"), ("born-month", "3"), ("born-year", "1984"))
        assert form.born.data == date(1984, 3, 7)
        assert not form.errors

    def test_asks_for_a_date_that_is_missing_altogether(self, ground: Flask) -> None:
        assert filled(ground).errors == {"born": ["Enter your birth date"]}

    def test_keeps_what_was_typed_and_leads_to_the_wrong_part(self, ground: Flask) -> None:
        form = filled(ground, ("born-day", "31"), ("born-month", "2"), ("born-year", "1984"))
        with ground.test_request_context():
            assert [part.value for part in form.born.part_views()] == ["2", "31", "1984"]
            assert [error.anchor for error in error_list(form)] == ["born-day"]

    def test_takes_the_first_of_doubled_parts(self, ground: Flask) -> None:
        pairs = [("born-day", "7"), ("born-day", "8"), ("born-month", "3"), ("born-year", "1984")]
        assert filled(ground, *pairs).born.data == date(1984, 3, 7)

    def test_shows_a_date_it_is_given(self, ground: Flask) -> None:
        with ground.test_request_context():
            form = Sample(None, data={"born": date(1984, 3, 7)})
            assert [part.value for part in form.born.part_views()] == ["3", "7", "1984"]


class TestPartOrder:
    @pytest.mark.parametrize(
        ("locale", "order"),
        [
            ("en_US", ("month", "day", "year")),
            ("en_GB", ("day", "month", "year")),
            ("es", ("day", "month", "year")),
        ],
    )
    def test_follows_the_language(self, locale: str, order: tuple[str, ...]) -> None:
        with make_ground(locale=locale).test_request_context():
            assert part_order() == order
