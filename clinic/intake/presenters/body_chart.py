"""A body chart, ready to draw: on the page of the question, in the summary and on paper."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.intake.rules.body import FIGURES, Figure, Shape, is_marked, sides_of
from clinic.intake.rules.form import Item
from clinic.intake.rules.state import State


@dataclass(frozen=True, slots=True)
class ZoneView:
    """A place on one side. ``box`` is its checkbox, ``sides`` the ids of its sides' buttons."""

    code: str
    side: str
    cx: float
    cy: float
    rx: float
    ry: float
    tap_x: float
    tap_y: float
    is_on: bool
    is_worst: bool
    level: str
    box: str = ""
    sides: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class WordView:
    """A word in the drawing."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """One view of the body."""

    name: str
    box: str
    label: str
    is_front: bool
    zones: tuple[ZoneView, ...]
    words: tuple[WordView, ...]


@dataclass(frozen=True, slots=True)
class BodyChart:
    """The drawing; ``is_live``: it stands beside its question.

    ``worst`` and ``overall`` are pairs `id=code` of the buttons for the worst place and the side.
    """

    figures: tuple[FigureView, ...]
    is_live: bool = False
    worst: str = ""
    overall: str = ""


@dataclass(frozen=True, slots=True)
class Handles:
    """The ids of the controls beside a drawing: of each place, and of its sides."""

    boxes: Mapping[str, str]
    sides: Mapping[str, str]
    worst: str = ""
    overall: str = ""


def present_body_chart(
    *, state: State, regions: str = "regions", handles: Handles | None = None
) -> BodyChart:
    """The places that the answers to ``regions`` name, with side, strength and the worst of them.

    Sides are those of the place (`at-<place>-side`), else of the pain (`side`). Without ``handles``
    it is a picture: the strength (`at-<place>-level`) stands in it.
    """
    chosen = set(_codes(state, regions))
    return BodyChart(
        figures=tuple(_figure(one, state, chosen, handles) for one in FIGURES),
        is_live=handles is not None,
        worst=handles.worst if handles is not None else "",
        overall=handles.overall if handles is not None else "",
    )


def _figure(figure: Figure, state: State, chosen: set[str], handles: Handles | None) -> FigureView:
    zones = tuple(
        zone for shape in figure.shapes for zone in _zones(shape, figure, state, chosen, handles)
    )
    labels = {"seat": _("Lower back and seat"), "back": _("Back"), "front": _("Front")}
    return FigureView(
        name=figure.name,
        box=figure.box,
        label=str(labels[figure.name]),
        is_front=figure.is_front,
        zones=zones,
        words=_words(figure),
    )


def _words(figure: Figure) -> tuple[WordView, ...]:
    left, top, width, _height = (float(part) for part in figure.box.split())
    ends = (left + 16, left + width - 16)
    texts = (str(_("Left")), str(_("Right")))
    if figure.is_front:
        texts = (texts[1], texts[0])
    return tuple(WordView(x, top + 9, text) for x, text in zip(ends, texts, strict=True))


def _zones(
    shape: Shape, figure: Figure, state: State, chosen: set[str], handles: Handles | None
) -> list[ZoneView]:
    own = next(iter(_codes(state, f"at-{shape.code}-side")), "")
    overall = next(iter(_codes(state, "side")), "")
    is_worst = shape.code in _codes(state, "worst-region")
    level = "" if handles is not None else _level(state, f"at-{shape.code}-level")
    found = []
    for side, cx in sides_of(shape, is_front=figure.is_front):
        is_on = shape.code in chosen and is_marked(side=side, answered=own, overall=overall)
        found.append(
            ZoneView(
                code=shape.code,
                side=side,
                cx=cx,
                cy=shape.cy,
                rx=shape.rx,
                ry=shape.ry,
                tap_x=shape.tap_x,
                tap_y=shape.tap_y,
                is_on=is_on,
                is_worst=is_on and is_worst,
                level=level if is_on else "",
                box=handles.boxes.get(shape.code, "") if handles is not None else "",
                sides=handles.sides.get(shape.code, "") if handles is not None else "",
            )
        )
    return found


def _codes(state: State, link_id: str) -> list[str]:
    """The codes of a question's answers that count."""
    item: Item | None = state.form.by_link.get(link_id)
    if item is None:
        return []
    return [
        str(value.raw.get("code"))
        for place in state.places_of(item)
        if place.is_enabled
        for value in place.values
        if value.kind == "Coding"
    ]


def _level(state: State, link_id: str) -> str:
    item = state.form.by_link.get(link_id)
    places = state.places_of(item) if item is not None else []
    values = [value.raw for place in places if place.is_enabled for value in place.values]
    return str(values[0]) if values else ""
