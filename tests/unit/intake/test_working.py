"""Answers in the making: the flat map, merging, sections, what is typed."""

from decimal import Decimal
from typing import Any

import pytest

from clinic.intake import library
from clinic.intake.rules.body import FIGURES, is_marked, sides_of
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.form import Form
from clinic.intake.rules.merging import merge
from clinic.intake.rules.names import named_places
from clinic.intake.rules.typed import Wrong, read_typed
from clinic.intake.rules.working import (
    as_response,
    from_response,
    read_answers,
    state_of,
    write_answers,
)


def form_with(*items: dict[str, Any]) -> Form:
    raw = {"resourceType": "Questionnaire", "url": "https://f.example/q", "version": "1"}
    form, issues = read_form(raw={**raw, "status": "draft", "title": "T", "item": list(items)})
    assert form is not None
    assert not issues.refused
    return form


def read(item: dict[str, Any], **typed: str | list[str]) -> list[dict[str, Any]]:
    form = form_with({"linkId": "a", "text": "A", **item})
    sent = {name.replace("_", "-"): value for name, value in typed.items()}
    given = {key: [value] if isinstance(value, str) else value for key, value in sent.items()}
    return read_typed(item=form.items[0], typed=lambda suffix: given.get(suffix or "it", []))


class TestReadTyped:
    @pytest.mark.parametrize(
        ("kind", "typed", "answer"),
        [
            ("integer", "0", {"valueInteger": 0}),
            ("integer", "-3", {"valueInteger": -3}),
            ("decimal", "2,5", {"valueDecimal": Decimal("2.5")}),
            ("boolean", "no", {"valueBoolean": False}),
            ("string", "  left hip ", {"valueString": "left hip"}),
            ("time", "9:30 pm", {"valueTime": "21:30:00"}),
            ("time", "12:05 am", {"valueTime": "00:05:00"}),
        ],
    )
    def test_reads_what_people_type(self, kind: str, typed: str, answer: dict[str, Any]) -> None:
        assert read({"type": kind}, it=typed) == [answer]

    @pytest.mark.parametrize(
        ("kind", "typed", "why"),
        [
            ("integer", "three", "no-number"),
            ("integer", "2.5", "not-whole"),
            ("integer", "99999999999", "no-number"),
            ("decimal", "1e9", "no-number"),
            ("decimal", "٣", "no-number"),
            ("time", "25:00", "bad-time"),
            ("string", "x" * 1001, "too-long"),
        ],
    )
    def test_says_what_is_wrong(self, kind: str, typed: str, why: str) -> None:
        with pytest.raises(Wrong, match=why):
            read({"type": kind}, it=typed)

    @pytest.mark.parametrize(
        ("year", "month", "day", "found"),
        [
            ("2024", "", "", "2024"),
            ("2024", "2", "", "2024-02"),
            ("2024", "2", "29", "2024-02-29"),
        ],
    )
    def test_takes_a_date_as_far_as_it_is_known(
        self, year: str, month: str, day: str, found: str
    ) -> None:
        answer = read({"type": "date"}, _year=year, _month=month, _day=day)
        assert answer == [{"valueDate": found}]

    @pytest.mark.parametrize(
        ("year", "month", "day", "why"),
        [
            ("", "2", "1", "no-year"),
            ("24", "2", "1", "bad-year"),
            ("2024", "", "1", "no-month"),
            ("2024", "13", "", "bad-month"),
            ("2023", "2", "29", "bad-day"),
        ],
    )
    def test_says_which_part_of_a_date_is_wrong(
        self, year: str, month: str, day: str, why: str
    ) -> None:
        with pytest.raises(Wrong, match=why):
            read({"type": "date"}, _year=year, _month=month, _day=day)

    def test_leaves_out_options_that_there_are_not(self) -> None:
        options = [{"valueString": "yes"}, {"valueString": "no"}]
        item = {"type": "choice", "repeats": True, "answerOption": options}
        assert read(item, it=["1", "7", "-1", "x"]) == [{"valueString": "no"}]

    def test_lets_nothing_stand_beside_an_option_that_excludes_all(self) -> None:
        exclusive = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive"
        alone = {"valueString": "none", "extension": [{"url": exclusive, "valueBoolean": True}]}
        item = {"type": "choice", "repeats": True, "answerOption": [{"valueString": "a"}, alone]}
        with pytest.raises(Wrong, match="excludes"):
            read(item, it=["0", "1"])


class TestWorking:
    def test_keeps_what_has_no_place_in_a_response(self) -> None:
        below = {"linkId": "b", "type": "string", "text": "B"}
        form = form_with({"linkId": "a", "type": "string", "text": "A", "item": [below]})
        answers: dict[str, list[Any]] = {"b": [{"valueString": "kept"}]}
        assert "item" not in as_response(form=form, answers=answers)
        answers["a"] = [{"valueString": "now"}]
        response = as_response(form=form, answers=answers)
        assert from_response(form=form, raw=response) == answers

    def test_is_the_same_after_it_was_written(self) -> None:
        answers: dict[str, list[Any]] = {
            "a": [{"valueDecimal": Decimal("2.5")}],
            "g": [{"b": [{"valueInteger": 0}]}],
        }
        assert read_answers(text=write_answers(answers=answers)) == answers

    def test_counts_only_what_is_enabled(self) -> None:
        form = library.form(name="symptoms")
        state = state_of(form=form, answers={"at-groin-level": [{"valueInteger": 3}]})
        assert not state.places_of(form.by_link["at-groin-level"])[0].is_enabled


class TestMerge:
    def test_takes_both_sides_changes(self) -> None:
        merged = merge(
            stored={"a": [1], "b": [9]},
            given={"a": [2], "b": [8]},
            meanwhile=[{"b": ([8], [9])}],
        )
        assert merged.answers == {"a": [2], "b": [9]}
        assert merged.conflicts == ()

    def test_keeps_what_is_stored_where_both_changed(self) -> None:
        merged = merge(stored={"a": [3]}, given={"a": [2]}, meanwhile=[{"a": ([1], [3])}])
        assert (merged.answers, merged.conflicts) == ({"a": [3]}, ("a",))

    def test_compares_with_what_the_page_showed_first(self) -> None:
        merged = merge(
            stored={"a": [4]},
            given={"a": [1]},
            meanwhile=[{"a": ([1], [3])}, {"a": ([3], [4])}],
        )
        assert (merged.changes, merged.conflicts) == ({}, ())


class TestBody:
    def test_has_a_place_for_every_region_of_the_form(self) -> None:
        item = library.form(name="symptoms").by_link["regions"]
        asked = {str(option.value.raw["code"]) for option in item.options}
        assert {shape.code for figure in FIGURES for shape in figure.shapes} == asked

    def test_shows_the_patients_left_on_the_left_from_behind(self) -> None:
        back, front = FIGURES[0], FIGURES[2]
        assert dict(sides_of(back.shapes[0], is_front=False))["left"] < 100
        assert dict(sides_of(front.shapes[0], is_front=True))["left"] > 100

    @pytest.mark.parametrize(
        ("side", "own", "overall", "marked"),
        [
            ("left", "left", "right", True),
            ("left", "right", "left", False),
            ("left", "", "right", False),
            ("left", "both", "", True),
            ("left", "", "", True),
            ("centre", "", "left", True),
        ],
    )
    def test_marks_a_side(self, side: str, own: str, overall: str, marked: bool) -> None:
        assert is_marked(side=side, answered=own, overall=overall) is marked

    def test_has_every_place_once(self) -> None:
        for figure in FIGURES:
            boxes = [
                (cx - s.tap_x, cx + s.tap_x, s.cy - s.tap_y, s.cy + s.tap_y, s.code)
                for s in figure.shapes
                for _side, cx in sides_of(s, is_front=figure.is_front)
            ]
            assert len(boxes) == len({(b[0], b[4]) for b in boxes})


class TestNamedPlaces:
    def test_find_their_items_in_a_form_that_was_read_anew(self) -> None:
        items = [{"linkId": "a", "type": "string", "text": "A"}]
        one, other = form_with(*items), form_with(*items)
        found = named_places(state=state_of(form=one, answers={}), items=(other.items[0],))
        assert [name for name, _place in found] == ["q0"]
