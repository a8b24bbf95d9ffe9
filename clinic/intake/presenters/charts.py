"""Scores over time, drawn: points on a sheet of 420 by 210, and the rows of the same table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import format_date
from flask_babel import gettext as _

LEFT, RIGHT, TOP, BOTTOM = 40.0, 322.0, 22.0, 172.0
MOST = 10
MOST_TICKS = 4


@dataclass(frozen=True, slots=True)
class Series:
    """Values from 0 to 10 by day, oldest first; ``name`` says what they measure.

    The second kind of line is dashed, with squares.
    """

    name: str
    values: tuple[tuple[date, Decimal], ...]
    is_second: bool = False


@dataclass(frozen=True, slots=True)
class GridLine:
    """A horizontal line with its number."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A day below the sheet."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line: its points, the same as a path, and the words at its end."""

    points: tuple[tuple[float, float], ...]
    path: str
    end: str
    end_y: float
    is_second: bool


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A day in the table, with a value for each line."""

    day: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartView:
    """The chart; ``label`` says it in one sentence."""

    label: str
    grid: tuple[GridLine, ...]
    ticks: tuple[Tick, ...]
    series: tuple[Drawn, ...]
    names: tuple[str, ...]
    rows: tuple[ChartRow, ...]


def present_chart(lines: Sequence[Series]) -> ChartView | None:
    """The chart of one or two lines; None where there is no value."""
    shown = [line for line in lines if line.values]
    days = sorted({day for line in shown for day, _value in line.values})
    if not days:
        return None
    drawn = [_drawn(line, days) for line in shown]
    return ChartView(
        label=_label(shown),
        grid=tuple(GridLine(_y(Decimal(n)), str(n)) for n in (0, 5, MOST)),
        ticks=tuple(Tick(_x(day, days), _short(day)) for day in _some(days)),
        series=_apart(drawn),
        names=tuple(line.name for line in shown),
        rows=tuple(_row(day, shown) for day in reversed(days)),
    )


def _drawn(line: Series, days: Sequence[date]) -> Drawn:
    points = tuple((_x(day, days), _y(value)) for day, value in line.values)
    path = " ".join(f"{x},{y}" for x, y in points)
    end = f"{line.name} {_plain(line.values[-1][1])}"
    return Drawn(points, path, end, points[-1][1] + 4, line.is_second)


def _apart(drawn: list[Drawn]) -> tuple[Drawn, ...]:
    """The words at the ends do not stand on each other."""
    if len(drawn) == 2 and abs(drawn[0].end_y - drawn[1].end_y) < 16:
        one, other = drawn
        up, down = (one, other) if one.end_y <= other.end_y else (other, one)
        moved = {id(up): up.end_y - 8, id(down): down.end_y + 8}
        return tuple(
            Drawn(each.points, each.path, each.end, moved[id(each)], each.is_second)
            for each in drawn
        )
    return tuple(drawn)


def _label(lines: Sequence[Series]) -> str:
    parts = [
        _(
            "%(name)s from %(first)s to %(last)s",
            name=line.name,
            first=_plain(line.values[0][1]),
            last=_plain(line.values[-1][1]),
        )
        for line in lines
    ]
    return str(_("Scores over time: %(lines)s", lines="; ".join(parts)))


def _row(day: date, lines: Sequence[Series]) -> ChartRow:
    found = [dict(line.values).get(day) for line in lines]
    return ChartRow(_short(day), tuple("" if one is None else _plain(one) for one in found))


def _some(days: Sequence[date]) -> list[date]:
    if len(days) <= MOST_TICKS:
        return list(days)
    step = (len(days) - 1) / (MOST_TICKS - 1)
    return [days[round(number * step)] for number in range(MOST_TICKS)]


def _x(day: date, days: Sequence[date]) -> float:
    span = (days[-1] - days[0]).days
    if not span:
        return round((LEFT + RIGHT) / 2, 1)
    return round(LEFT + (RIGHT - LEFT) * (day - days[0]).days / span, 1)


def _y(value: Decimal) -> float:
    share = float(min(max(value, Decimal(0)), Decimal(MOST))) / MOST
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def _plain(value: Decimal) -> str:
    return str(value.to_integral_value()) if value == value.to_integral() else f"{value:.1f}"


def _short(day: date) -> str:
    return str(format_date(day, "MMM d"))
