"""What differs between two clinic files, for the audit trail and for the person who loads one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from clinic.setup.rules.clinic_file import ClinicFile


class _Slugged(Protocol):
    @property
    def slug(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to the entries of one table, by slug; tables without slugs only change."""

    table: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for a person."""
        parts = [
            f"{word} {', '.join(slugs)}"
            for word, slugs in (
                ("added", self.added),
                ("changed", self.changed),
                ("retired", self.retired),
            )
            if slugs
        ]
        return f"{self.table}: {'; '.join(parts) or 'changed'}"


def list_changes(*, before: ClinicFile | None, after: ClinicFile) -> tuple[Change, ...]:
    """The tables that differ, in the file's order; a new order alone is a change without slugs."""
    old = before or ClinicFile(name="", time_zone="")
    found = []
    if (old.name, old.time_zone, old.phone, old.currency) != (
        after.name,
        after.time_zone,
        after.phone,
        after.currency,
    ):
        found.append(Change("clinic"))
    if before is None or (old.policy, old.clinical) != (after.policy, after.clinical):
        found.append(Change("policy"))
    for table in ("locations", "resources", "services", "practitioners"):
        found += _entries(table, getattr(old, table), getattr(after, table))
    if old.closures != after.closures:
        found.append(Change("closures"))
    return (*found, *_entries("products", old.products, after.products))


def _entries(table: str, old: Sequence[_Slugged], new: Sequence[_Slugged]) -> list[Change]:
    if old == new:
        return []
    was, now = {one.slug: one for one in old}, {one.slug: one for one in new}
    return [
        Change(
            table,
            added=tuple(slug for slug in now if slug not in was),
            changed=tuple(slug for slug in now if slug in was and was[slug] != now[slug]),
            retired=tuple(slug for slug in was if slug not in now),
        )
    ]
