"""Sets of rules and patterns as drafts: their conditions in words for people.

A draft has no format and its conditions are sentences. Those that our own conditions were written
from are known by their digest; any other words stay as they are, so that the reader refuses them.
"""

from collections.abc import Mapping
from typing import Any

from clinic.intake.rules.rule_sets import canonical_hash

IN_WORDS = {"rules": ("when",), "patterns": ("require", "support", "against")}
KEPT = ("level", "title", "source", "exam", "evidence", "active")


def is_draft(*, raw: Any, listed: str) -> bool:
    """Whether this is a set without a format that lists objects under that name."""
    return (
        isinstance(raw, dict)
        and "format" not in raw
        and isinstance(raw.get(listed), list)
        and all(isinstance(one, dict) for one in raw[listed])
    )


def words_digest(*, entry: Mapping[str, Any], listed: str) -> str:
    """What the words of an entry's conditions are known by."""
    return canonical_hash(raw=[entry.get(key) for key in IN_WORDS[listed]])


def with_conditions(
    *, draft: Mapping[str, Any], ours: Mapping[str, Any], digests: Mapping[str, str], listed: str
) -> dict[str, Any]:
    """The draft as a set: its entries in its order, with our conditions where the words are known.

    ``digests`` are of the words by the ids of entries in ``ours``. Levels, titles and sources stay
    the draft's.
    """
    known = {entry["id"]: entry for entry in ours[listed]}
    entries = []
    for entry in draft[listed]:
        name = str(entry.get("id"))
        if name in known and digests.get(name) == words_digest(entry=entry, listed=listed):
            entries.append(known[name] | {key: entry[key] for key in KEPT if key in entry})
        else:
            entries.append(entry)
    version = canonical_hash(raw=draft)[:12]
    return {"format": ours["format"], "id": "draft", "version": version, listed: entries}
