"""Which control a question is answered with on a page."""

from decimal import Decimal
from enum import StrEnum

from clinic.intake.rules.form import Item
from clinic.intake.rules.values import Value, number

MOST_RADIOS = 12
LONGEST_SCALE = 21


class Control(StrEnum):
    """How a question looks; ``NOTHING`` is not asked."""

    RADIOS = "radios"
    SELECT = "select"
    CHECKS = "checks"
    YES_NO = "yes-no"
    SCALE = "scale"
    NUMBER = "number"
    QUANTITY = "quantity"
    DATE = "date"
    DATE_TIME = "date-time"
    TIME = "time"
    LINE = "line"
    LINES = "lines"
    AREA = "area"
    FILE = "file"
    NOTHING = "nothing"


_BY_TYPE = {
    "boolean": Control.YES_NO,
    "decimal": Control.NUMBER,
    "date": Control.DATE,
    "dateTime": Control.DATE_TIME,
    "time": Control.TIME,
    "string": Control.LINE,
    "url": Control.LINE,
    "text": Control.AREA,
    "quantity": Control.QUANTITY,
    "attachment": Control.FILE,
}


def control_of(item: Item) -> Control:
    """The control of a question. A slider is radio buttons: nobody has to drag (WCAG 2.5.7)."""
    if not item.is_question or item.limits.hidden:
        return Control.NOTHING
    if item.type in {"choice", "open-choice"}:
        return _of_options(item)
    if item.repeats and item.type in {"string", "url", "integer", "decimal", "date", "time"}:
        return Control.LINES
    if item.type == "integer":
        return Control.SCALE if scale_of(item) else Control.NUMBER
    return _BY_TYPE.get(item.type, Control.NOTHING)


def scale_of(item: Item) -> tuple[int, ...]:
    """The numbers of a scale, where the form asks for one and it is short enough."""
    low, high = item.limits.min_value, item.limits.max_value
    if item.limits.control != "slider" or low is None or high is None:
        return ()
    if not isinstance(low.raw, int) or not isinstance(high.raw, int):
        return ()
    found = tuple(range(low.raw, min(high.raw, low.raw + LONGEST_SCALE) + 1))
    return found if 1 < len(found) <= LONGEST_SCALE else ()


def takes_other(item: Item) -> bool:
    """Whether a text of one's own may be given beside the options."""
    return item.type == "open-choice"


def bounds_of(item: Item) -> tuple[int | Decimal | None, int | Decimal | None]:
    """The least and the greatest number that may be given."""
    return _amount(item.limits.min_value), _amount(item.limits.max_value)


def _amount(bound: Value | None) -> int | Decimal | None:
    raw = bound.raw if bound is not None else None
    found = raw.get("value") if isinstance(raw, dict) else raw
    return found if isinstance(found, int | Decimal) and number(found) else None


def is_asked(item: Item) -> bool:
    """Whether a patient answers this question on these pages."""
    is_theirs = not item.read_only and item.limits.calculated is None
    return is_theirs and control_of(item) is not Control.NOTHING


def _of_options(item: Item) -> Control:
    if not item.options:
        return Control.LINE if takes_other(item) else Control.NOTHING
    if item.repeats:
        return Control.CHECKS
    is_long = len(item.options) > MOST_RADIOS and not takes_other(item)
    if item.limits.control == "drop-down" and not takes_other(item):
        return Control.SELECT
    return Control.SELECT if is_long and item.limits.control != "radio-button" else Control.RADIOS
