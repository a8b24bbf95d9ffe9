"""The places of a body chart: which shapes stand for which answer. Measures are the drawing's own.

Left and right are the patient's. A place has an area of its own to tap, larger than its shape, that
touches no other's.
"""

from dataclasses import dataclass

CONTROL = "body-chart"
LEFT, RIGHT, CENTRE = "left", "right", "centre"
MIDDLE = 100.0
"""The body's middle line: the right side is the left one mirrored at it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An ellipse of one place, on the side that is drawn left of the middle; or a path."""

    code: str
    cx: float
    cy: float
    rx: float
    ry: float
    tap_x: float
    tap_y: float
    is_central: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A view of the body: ``box`` is the part of the drawing that it shows."""

    name: str
    box: str
    is_front: bool
    shapes: tuple[Shape, ...]


# The seat is drawn large: its places lie close together and fingers are wide.
FIGURES = (
    Figure(
        "seat",
        "50 166 100 110",
        False,
        (
            Shape("low-back", 81, 190, 15, 13, 16, 14),
            Shape("si-dimple", 88, 214, 7, 7, 9, 9),
            Shape("buttock-mid", 75, 234, 15, 13, 16, 13),
            Shape("sit-bone", 82, 261, 11, 8, 13, 11),
            Shape("tailbone", 100, 240, 5, 10, 7, 14, is_central=True),
        ),
    ),
    Figure(
        "back",
        "40 252 120 202",
        False,
        (
            Shape("thigh-back", 74, 305, 13, 28, 18, 32),
            Shape("lower-leg", 74, 376, 10, 30, 16, 34),
            Shape("foot", 77, 438, 9, 8, 16, 14),
        ),
    ),
    Figure(
        "front",
        "36 182 128 272",
        True,
        (
            Shape("outer-hip", 61, 226, 8, 22, 13, 26),
            Shape("groin", 84, 236, 9, 13, 10, 17),
            Shape("thigh-front", 74, 295, 14, 32, 19, 36),
            Shape("lower-leg", 74, 372, 10, 32, 16, 35),
            Shape("foot", 76, 438, 10, 8, 17, 14),
        ),
    ),
)


def sides_of(shape: Shape, *, is_front: bool) -> tuple[tuple[str, float], ...]:
    """The sides of the patient that a shape stands for, each with its distance from the left.

    Seen from behind the patient's left is left; seen from the front it is right.
    """
    if shape.is_central:
        return ((CENTRE, shape.cx),)
    mirrored = 2 * MIDDLE - shape.cx
    return (
        ((LEFT, mirrored), (RIGHT, shape.cx))
        if is_front
        else (
            (LEFT, shape.cx),
            (RIGHT, mirrored),
        )
    )


def is_marked(*, side: str, answered: str, overall: str) -> bool:
    """Whether a side of a chosen place is marked: by its own, else by the pain's, else both are."""
    asked = answered or overall
    if side == CENTRE or asked not in {LEFT, RIGHT}:
        return True
    return side == asked
