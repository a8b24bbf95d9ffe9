"""Boxes of a calendar stand side by side exactly where they overlap."""

from hypothesis import given
from hypothesis import strategies as st

from clinic.desk.rules.lanes import MOST_LANES, Lane, hours_shown, lanes

SPANS = st.lists(
    st.tuples(st.integers(0, 1380), st.integers(5, 120)).map(lambda one: (one[0], sum(one))),
    max_size=12,
)


class TestLanes:
    def test_share_a_column_where_spans_overlap(self) -> None:
        assert lanes([]) == []
        assert lanes([(600, 660), (660, 700)]) == [Lane(0, 1), Lane(0, 1)]
        assert lanes([(600, 660), (630, 700), (665, 720)]) == [Lane(0, 2), Lane(1, 2), Lane(0, 2)]

    @given(SPANS)
    def test_never_cover_each_other_while_there_is_room(self, spans: list[tuple[int, int]]) -> None:
        found = lanes(spans)
        for at in found:
            assert 0 <= at.number < at.of <= MOST_LANES
        for number, (one, at) in enumerate(zip(spans, found, strict=True)):
            for other, beside in list(zip(spans, found, strict=True))[number + 1 :]:
                if one[0] < other[1] and other[0] < one[1] and at.of < MOST_LANES:
                    assert at.number != beside.number
                    assert at.of == beside.of


class TestHoursShown:
    def test_are_whole_and_hold_everything(self) -> None:
        assert hours_shown([]) == (8, 18)
        assert hours_shown([(545, 1021)]) == (9, 18)
        assert hours_shown([(0, 1440)]) == (0, 24)
