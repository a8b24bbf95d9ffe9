"""The service's form bodies: ``line_items[0][price_data][currency]=usd`` as nested objects."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

_PART = re.compile(r"\[([^\]]*)\]")
_WHOLE = re.compile(r"-?[0-9]{1,18}")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Pairs of a form as objects and lists; whole numbers and truth values are read as such."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        head = name.partition("[")[0]
        _put(found, [head, *_PART.findall(name[len(head) :])], _value(head, value))
    made = _lists(found)
    return made if isinstance(made, dict) else {}


def _put(place: dict[str, Any], path: list[str], value: Any) -> None:
    for step, following in pairwise(path):
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            raise TypeError(following)
    last = path[-1] or str(len(place))
    place[last] = value


def _value(name: str, text: str) -> Any:
    if name in {"metadata", "client_reference_id"}:
        return text
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if _WHOLE.fullmatch(text) else text


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    made = {name: _texts(one) if name == "metadata" else _lists(one) for name, one in value.items()}
    if made and all(name.isdecimal() for name in made):
        return [made[name] for name in sorted(made, key=int)]
    return made


def _texts(value: Any) -> Any:
    return {name: str(one) for name, one in value.items()} if isinstance(value, dict) else value
