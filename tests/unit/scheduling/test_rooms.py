from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from clinic.scheduling.rules.intervals import contains, merge
from clinic.scheduling.rules.rooms import (
    choose_despite,
    choose_rooms,
    groups_at,
    starts_without_rooms,
)
from tests.unit.scheduling.builders import clinic, place, room, service

slugs = st.sampled_from("abcd")
groups_of_any = st.lists(
    st.lists(slugs, min_size=1, max_size=4, unique=True).map(tuple), max_size=4
).map(tuple)


class TestChooseRooms:
    @given(groups_of_any, st.sets(slugs))
    def test_takes_the_first_distinct_choice_that_is_free(
        self, groups: tuple[tuple[str, ...], ...], taken: set[str]
    ) -> None:
        free = [
            choice
            for choice in product(*groups)
            if len(set(choice)) == len(choice) and not taken.intersection(choice)
        ]
        assert choose_rooms(groups=groups, taken=taken) == (free[0] if free else None)

    def test_leaves_a_shared_room_to_the_group_that_has_no_other(self) -> None:
        assert choose_rooms(groups=(("a", "b"), ("a",))) == ("b", "a")

    def test_answers_at_once_where_trying_all_choices_would_not_end(self) -> None:
        many = tuple(f"mill-{n}" for n in range(14))
        assert choose_rooms(groups=(many,) * 15) is None

    def test_prefers_what_is_free_when_something_has_to_be_taken(self) -> None:
        groups = (("a", "b"), ("c",))
        assert choose_despite(groups=groups, taken={"a", "c"}) == ("b", "c")
        assert choose_despite(groups=(("a",), ("a",)), taken=()) is None


class TestStartsWithoutRooms:
    @given(
        groups_of_any.filter(lambda groups: choose_rooms(groups=groups) is not None),
        st.dictionaries(
            slugs,
            st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4).map(merge),
        ),
    )
    def test_holds_exactly_the_starts_without_a_choice(
        self,
        groups: tuple[tuple[str, ...], ...],
        blocked: dict[str, list[tuple[int, int]]],
    ) -> None:
        without = starts_without_rooms(groups=groups, blocked=blocked)
        assert without == merge(without)
        for start in range(-1, 22):
            taken = {slug for slug, spans in blocked.items() if contains(spans, start)}
            is_without = choose_rooms(groups=groups, taken=taken) is None
            assert contains(without, start) == is_without


class TestGroupsAt:
    def test_keeps_only_what_stands_at_the_location(self) -> None:
        mills = service(needs=(("mill-1", "mill-2"),))
        setting = clinic(
            services=[mills],
            rooms=[room("mill-1", 1), room("mill-2", 2, "north")],
            locations=[place("main"), place("north"), place("west")],
        )
        assert groups_at(setting=setting, service=mills, location="north") == (("mill-2",),)
        assert groups_at(setting=setting, service=mills, location="west") is None

    def test_leaves_out_what_is_retired(self) -> None:
        mills = service(needs=(("mill-1", "gone"),))
        setting = clinic(services=[mills], rooms=[room("mill-1", 1)])
        assert groups_at(setting=setting, service=mills, location="main") == (("mill-1",),)
