"""What the clients were told, held against what the database knows."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from tests.torture.visitor import Entry

STORED = """
SELECT v.public_id, v.version, v.status, v.confirmed, o.starts_at, p.slug
FROM appointments v JOIN occurrences o ON o.id = v.occurrence_id
JOIN practitioners p ON p.id = o.practitioner_id
"""
State = tuple[str, bool, str, str]


@dataclass(frozen=True, slots=True)
class Ledger:
    """All clients' entries, each client's in order."""

    clients: tuple[tuple[Entry, ...], ...]

    @classmethod
    def read(cls, paths: Iterable[Path]) -> "Ledger":
        """From the files that the clients wrote."""
        return cls(
            tuple(
                tuple(Entry(**json.loads(line)) for line in path.read_text().splitlines())
                for path in paths
            )
        )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everybody's, one after the other."""
        return tuple(entry for client in self.clients for entry in client)

    def last(self, count: int) -> list[Entry]:
        """The latest of each client."""
        return [entry for client in self.clients for entry in client[-count:]]

    @property
    def faults(self) -> list[str]:
        """What should never have been answered, with what was asked."""
        return [
            f"{entry.op} {entry.asked}: {fault}" for entry in self.entries for fault in entry.faults
        ]

    @property
    def done(self) -> set[str]:
        """The kinds of operation that were done at least once."""
        return {entry.op for entry in self.entries if entry.status in {200, 201}}

    @property
    def summary(self) -> str:
        """One line for people: how much was done, how often anew, how fast."""
        deeds = Counter(entry.op for entry in self.entries)
        done = sum(entry.seen is not None or bool(entry.also) for entry in self.entries)
        slow = sorted(entry.slowest for entry in self.entries) or [0.0]
        return (
            f"{len(self.entries)} operations ({done} changed something),"
            f" {sum(entry.lost for entry in self.entries)} lost connections,"
            f" {sum(entry.busy for entry in self.entries)} times 503,"
            f" {sum(entry.is_open for entry in self.entries)} never told;"
            f" median {slow[len(slow) // 2]:.3f} s, p99 {slow[int(len(slow) * 0.99)]:.3f} s,"
            f" slowest {slow[-1]:.2f} s; {dict(deeds)}"
        )

    def disagreements(self, connection: Connection) -> list[str]:
        """Acknowledged and not so in the database, or there and never acknowledged."""
        stored = _stored(connection)
        told, fights = self._told()
        found = fights + self._unknown(stored)
        for visit, versions in told.items():
            found += _compare(visit, versions, stored.get(visit), self._open_about(visit))
        return found

    def _told(self) -> tuple[dict[str, dict[int, State]], list[str]]:
        told: dict[str, dict[int, State]] = defaultdict(dict)
        fights = []
        every = (one for entry in self.entries for one in (entry.seen, *entry.also) if one)
        for seen in every:
            visit, version, state = _state(seen)
            if told[visit].setdefault(version, state) != state:
                fights.append(
                    f"{visit} version {version} was told as {told[visit][version]} and {state}"
                )
        return told, fights

    def _unknown(self, stored: dict[str, tuple[int, State]]) -> list[str]:
        """Visits nobody was told of: as many as there are bookings without an answer."""
        made = {entry.made for entry in self.entries if entry.made}
        strange = set(stored) - made
        openly = sum(entry.is_open and entry.about is None for entry in self.entries)
        if len(strange) <= openly:
            return []
        return [f"{len(strange)} visits that no answer told of, {openly} open: {sorted(strange)}"]

    def _open_about(self, visit: str) -> int:
        return sum(
            (entry.is_open and entry.about == visit) or visit in entry.unsure
            for entry in self.entries
        )


def _compare(
    visit: str, told: dict[int, State], stored: tuple[int, State] | None, openly: int
) -> list[str]:
    if stored is None:
        return [f"{visit} was acknowledged and is gone"]
    version, state = stored
    last = max(told)
    if version < last or version > last + openly:
        return [f"{visit} stands at version {version}, told was {last}, {openly} open"]
    if version == last and state != told[last]:
        return [f"{visit} version {version} is {state}, told was {told[last]}"]
    missing = sorted(set(range(1, version + 1)) - set(told))
    if len(missing) > openly + 1:  # the first may have been made by a booking without an answer
        return [f"{visit}: versions {missing} were made without anybody being told, {openly} open"]
    return []


def _state(seen: dict[str, Any]) -> tuple[str, int, State]:
    state = (seen["status"], bool(seen["confirmed"]), seen["starts_at"], seen["practitioner"])
    return seen["id"], seen["version"], state


def _stored(connection: Connection) -> dict[str, tuple[int, State]]:
    return {
        public_id: (version, (status, bool(confirmed), _utc(starts_at), practitioner))
        for public_id, version, status, confirmed, starts_at, practitioner in connection.execute(
            text(STORED)
        )
    }


def _utc(stored: Any) -> str:
    at = stored if isinstance(stored, datetime) else datetime.fromtimestamp(stored // 10**6, UTC)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
