"""Reading the elements of a definition one by one, noting what is not of its type."""

from collections.abc import Collection
from typing import Any

from clinic.intake.rules.outcome import Code, Issues, shown
from clinic.intake.rules.values import Value, read_value, storable, typed_keys


def check_keys(*, raw: dict[str, Any], known: Collection[str], path: str, issues: Issues) -> None:
    """Note elements that FHIR R4 does not have there; a modifier extension cannot be obeyed."""
    for key in raw:
        if key in known or (key.startswith("_") and key[1:] in known):
            continue
        if key == "modifierExtension":
            words = "Modifier extensions are not supported: what they change is unknown here."
            issues.error(Code.NOT_SUPPORTED, words, f"{path}.modifierExtension")
        else:
            issues.error(Code.STRUCTURE, f"FHIR R4 has no element {shown(key)} here.", path)


def text_of(*, raw: dict[str, Any], key: str, path: str, issues: Issues) -> str:
    """A text element; empty when it is absent or none."""
    value = raw.get(key)
    if value is None and key not in raw:
        return ""
    if not isinstance(value, str) or not value:
        issues.error(Code.STRUCTURE, f"{key} must be a text, not {shown(value)}.", f"{path}.{key}")
        return ""
    if not storable(value):
        words = f"{key} has half a character in it (a lone surrogate)."
        issues.error(Code.VALUE, words, f"{path}.{key}")
        return ""
    return value


def flag(*, raw: dict[str, Any], key: str, path: str, issues: Issues) -> bool:
    """A boolean element; False when it is absent or none."""
    value = raw.get(key, False)
    if not isinstance(value, bool):
        words = f"{key} must be true or false, not {shown(value)}."
        issues.error(Code.STRUCTURE, words, f"{path}.{key}")
        return False
    return value


def whole(
    *, raw: dict[str, Any], key: str, path: str, issues: Issues, least: int = 0
) -> int | None:
    """A whole number of at least `least`; None when it is absent or none."""
    if key not in raw:
        return None
    value = read_value(kind="Integer", raw=raw[key])
    if isinstance(value, str) or value.raw < least:
        words = f"{key} must be a whole number from {least}, not {shown(raw[key])}."
        issues.error(Code.STRUCTURE, words, f"{path}.{key}")
        return None
    return int(value.raw)


def objects(
    *, raw: dict[str, Any], key: str, path: str, issues: Issues
) -> list[tuple[str, dict[str, Any]]]:
    """The objects of a list element with their places; what is none is noted and left out."""
    if key not in raw:
        return []
    listed = raw[key]
    if not isinstance(listed, list) or not listed:
        words = f"{key} must be a list that is not empty, not {shown(listed)}."
        issues.error(Code.STRUCTURE, words, f"{path}.{key}")
        return []
    found = []
    for index, entry in enumerate(listed):
        place = f"{path}.{key}[{index}]"
        if isinstance(entry, dict):
            found.append((place, entry))
        else:
            issues.error(Code.STRUCTURE, f"{key} must hold objects, not {shown(entry)}.", place)
    return found


def typed_value(*, raw: dict[str, Any], prefix: str, path: str, issues: Issues) -> Value | None:
    """The one value of a choice element, such as `value[x]`; None when it is missing or wrong."""
    keys = typed_keys(raw=raw, prefix=prefix)
    if len(keys) != 1:
        words = f"There must be one {prefix}[x], not {len(keys)}."
        issues.error(Code.STRUCTURE, words, path)
        return None
    value = read_value(kind=keys[0][len(prefix) :], raw=raw[keys[0]])
    if isinstance(value, str):
        issues.error(Code.VALUE, f"{keys[0]} {value}.", f"{path}.{keys[0]}")
        return None
    return value
