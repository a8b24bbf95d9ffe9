"""Weeks as bars: where each rectangle and word of the drawing stands."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT, BASE, TOP = 220, 150, 20
WIDEST, ROOM = 60, 960
"""The widest step from one week to the next, and the room that many weeks share."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of the drawing, with its kind as a class."""

    x: int
    y: int
    height: int
    kind: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words under a week's bars."""

    x: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsView:
    """The drawing; ``highest`` says how high the axis goes, ``bar`` how wide a bar is."""

    width: int
    height: int
    base: int
    bar: int
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    highest: str


def draw_bars(
    pairs: Sequence[tuple[int, int]], *, labels: Sequence[str], unit: str, highest: str = ""
) -> BarsView:
    """One bar for the first of each pair, a second beside it; nothing for what is not positive."""
    most = max((max(pair) for pair in pairs), default=0) or 1
    step = max(14, min(WIDEST, ROOM // (len(pairs) or 1)))
    wide = step * 22 // WIDEST
    every = -(-WIDEST // step)
    return BarsView(
        width=step * len(pairs) + 60,
        height=HEIGHT,
        base=BASE,
        bar=wide,
        bars=tuple(
            Bar(20 + place * step + beside * wide, BASE - high, high, kind)
            for place, pair in enumerate(pairs)
            for beside, (kind, number) in enumerate(zip(("in", "out"), pair, strict=True))
            if (high := round((BASE - TOP) * number / most)) > 0
        ),
        labels=tuple(
            Label(20 + place * step + wide, text)
            for place, text in enumerate(labels)
            if place % every == 0
        ),
        highest=highest or f"{most}{unit}",
    )
