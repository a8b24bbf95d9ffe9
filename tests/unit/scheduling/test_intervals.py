from hypothesis import given
from hypothesis import strategies as st

from clinic.scheduling.rules.intervals import (
    contains,
    fits,
    fitting,
    merge,
    overlaps,
    subtract,
)

intervals = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


def points(some: list[tuple[int, int]]) -> set[int]:
    return {point for start, end in some for point in range(start, end)}


class TestIntervals:
    def test_adjoining_ones_become_one(self) -> None:
        assert merge([(5, 7), (1, 3), (3, 4)]) == [(1, 4), (5, 7)]

    @given(intervals, intervals)
    def test_union_and_difference_hold_the_points_they_should(
        self, one: list[tuple[int, int]], other: list[tuple[int, int]]
    ) -> None:
        assert points(merge(one + other)) == points(one) | points(other)
        assert points(subtract(one, other)) == points(one) - points(other)

    @given(intervals, intervals)
    def test_results_are_merged(
        self, one: list[tuple[int, int]], other: list[tuple[int, int]]
    ) -> None:
        for result in (merge(one), subtract(one, other)):
            assert result == merge(result)

    @given(intervals, st.lists(st.integers(-5, 35)), st.integers(1, 5))
    def test_those_starts_fit_whose_pieces_do(
        self, some: list[tuple[int, int]], asked: list[int], length: int
    ) -> None:
        merged, starts = merge(some), sorted(asked)
        alone = tuple(start for start in starts if fits(merged, start, start + length))
        assert fitting(merged, starts, length) == alone

    @given(intervals, st.integers(-1, 31), st.integers(1, 5))
    def test_points_and_pieces_are_found(
        self, some: list[tuple[int, int]], start: int, length: int
    ) -> None:
        merged = merge(some)
        assert contains(merged, start) == (start in points(some))
        piece = set(range(start, start + length))
        assert fits(merged, start, start + length) == (piece <= points(some))

    @given(st.tuples(st.integers(0, 9), st.integers(0, 9)))
    def test_overlap_is_a_shared_point(self, one: tuple[int, int]) -> None:
        assert overlaps(one, (3, 6)) == bool(points([one]) & points([(3, 6)]))
