"""What the controls of a page are called: by the item's number, and which repetition it is in."""

from collections.abc import Iterator

from clinic.intake.rules.form import GROUP, Item
from clinic.intake.rules.state import Place, State


def field_name(item: Item, repetition: tuple[int, ...] = ()) -> str:
    """`q12`, and in the second repetition of its group `q12-1`."""
    return "-".join([f"q{item.order}", *map(str, repetition)])


def is_repeated(item: Item) -> bool:
    """Whether it is a group that may stand several times."""
    return item.type == GROUP and item.repeats


def named_places(*, state: State, items: tuple[Item, ...]) -> Iterator[tuple[str, Place]]:
    """The places below some items of the form's own level, each with the name of its control."""
    orders = {item.order for item in items}
    tops = [place for place in state.root.children if place.item.order in orders]
    yield from _named(tops, ())


def _named(places: list[Place], repetition: tuple[int, ...]) -> Iterator[tuple[str, Place]]:
    counted: dict[int, int] = {}
    for place in places:
        inner = repetition
        if is_repeated(place.item):
            number = counted.get(place.item.order, 0)
            counted[place.item.order] = number + 1
            inner = (*repetition, number)
        yield field_name(place.item, inner), place
        yield from _named(_first_children(place), inner)


def _first_children(place: Place) -> list[Place]:
    """What stands below; of a question with several answers, what stands below the first."""
    return [child for child in place.children if child.answer_index in {None, 0}]
