"""Options by reference: value sets that the questionnaire carries with it."""

from typing import Any

from clinic.intake.rules.form import Item
from clinic.intake.rules.outcome import Code, Issues, shown
from clinic.intake.rules.values import Key

MOST_CONTAINED = 200


def contained_options(*, raw: dict[str, Any], item: Item, issues: Issues) -> frozenset[Key] | None:
    """Keys of the codes in a contained, expanded or plainly listed value set.

    None, with a warning, for any other: there is no terminology server here, so that answers to
    that question cannot be checked.
    """
    reference = raw.get("answerValueSet")
    root = item.root
    name = reference if isinstance(reference, str) else ""
    if name not in root.value_sets:
        found = _contained(root.raw, reference)
        root.value_sets[name] = _codes(found) if found is not None else None
    codes: frozenset[Key] | None = root.value_sets[name]
    if codes is None:
        words = f"{item.link_id}: the value set {shown(reference)} cannot be looked up here."
        issues.warn(Code.NOT_SUPPORTED, words, f"{item.path}.answerValueSet")
    return codes


def _contained(form: dict[str, Any], reference: object) -> dict[str, Any] | None:
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    contained = form.get("contained")
    for resource in contained[:MOST_CONTAINED] if isinstance(contained, list) else ():
        if (
            isinstance(resource, dict)
            and resource.get("resourceType") == "ValueSet"
            and resource.get("id") == reference[1:]
        ):
            return resource
    return None


def _codes(value_set: dict[str, Any]) -> frozenset[Key] | None:
    """From the expansion, else from includes that list their concepts; None when they do not."""
    expansion = value_set.get("expansion")
    if isinstance(expansion, dict):
        listed = expansion.get("contains")
        return frozenset(_keys(listed, None)) if isinstance(listed, list) else None
    compose = value_set.get("compose")
    includes = compose.get("include") if isinstance(compose, dict) else None
    if not isinstance(includes, list) or (isinstance(compose, dict) and "exclude" in compose):
        return None
    keys: set[Key] = set()
    for include in includes:
        concepts = include.get("concept") if isinstance(include, dict) else None
        if not isinstance(concepts, list) or "filter" in include or "valueSet" in include:
            return None
        keys.update(_keys(concepts, include.get("system")))
    return frozenset(keys)


def _keys(listed: list[Any], system: object) -> list[Key]:
    found: list[Key] = []
    waiting = list(listed)
    while waiting:
        entry = waiting.pop()
        if not isinstance(entry, dict):
            continue
        own, code = entry.get("system", system), entry.get("code")
        if isinstance(code, str) and (own is None or isinstance(own, str)):
            found.append(("c", own, code))
        nested = entry.get("contains")
        waiting.extend(nested if isinstance(nested, list) else ())
    return found
