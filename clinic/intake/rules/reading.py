"""Reading JSON that strangers wrote: strict, limited, and without a traceback whatever it is."""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from clinic.intake.rules.outcome import Code, Issue, Severity

LARGEST_BYTES = 8 * 1024 * 1024
MOST_ITEMS = 12_000
DEEPEST = 200

_LINK_KEY = re.compile(r'"linkId"\s*:')


class Unreadable(Exception):
    """The text is no JSON, or more of it than is looked at; `issue` says why."""

    def __init__(self, *, code: Code, text: str) -> None:
        """Keep the issue; its expression is the resource itself."""
        self.issue = Issue(Severity.FATAL, code, text, "")
        super().__init__(text)


def read_json(*, data: bytes) -> Any:
    """The value of a UTF-8 JSON text; numbers with a point are Decimals, exact as written.

    Raises Unreadable: more than 8 MiB, not UTF-8, not JSON (NaN and Infinity are none), numbers of
    more digits than Python reads (4,300), nested too deeply, more than 12,000 items.
    """
    if len(data) > LARGEST_BYTES:
        raise Unreadable(code=Code.TOO_LONG, text="The file is larger than 8 MiB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(code=Code.STRUCTURE, text="The file is not UTF-8 text.") from None
    if len(_LINK_KEY.findall(text)) > MOST_ITEMS:
        words = f"There are more than {MOST_ITEMS} items; none of them was checked."
        raise Unreadable(code=Code.TOO_COSTLY, text=words)
    return _parsed(text)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except json.JSONDecodeError as fault:
        words = f"This is not JSON: {fault.msg} (line {fault.lineno}, column {fault.colno})."
        raise Unreadable(code=Code.STRUCTURE, text=words) from None
    except RecursionError:
        raise Unreadable(code=Code.TOO_COSTLY, text="The JSON is nested too deeply.") from None
    except (ValueError, ArithmeticError):
        words = "This is not JSON: a number has too many digits."
        raise Unreadable(code=Code.STRUCTURE, text=words) from None


def _refuse_constant(word: str) -> NoReturn:
    raise Unreadable(code=Code.STRUCTURE, text=f"This is not JSON: {word} is no number there.")


def json_number(value: Decimal) -> float | int:
    """A Decimal as JSON writes it: whole numbers whole, others with at most 17 digits."""
    return (
        int(value) if value == value.to_integral_value() and abs(value) < 10**15 else float(value)
    )


def write_json(value: object, *, indent: int | None = 1) -> str:
    """JSON in ASCII, so that lone surrogates can be printed anywhere."""
    return json.dumps(value, indent=indent, default=_as_json, allow_nan=False)


def _as_json(value: object) -> object:
    if isinstance(value, Decimal) and value.is_finite():
        return json_number(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
