"""One client process: a visitor who also stretches visits, keeps time free, clears days and makes
one record of two.

``python -m tests.torture.receptionist JSON`` with a ``Task``.
"""

import json
import sys
import time
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.torture.asking import Ask
from tests.torture.the_clinic import PRACTITIONERS
from tests.torture.visitor import DAYS, Entry, Task, Visitor, now

MOST_AT_ONCE = 4
LENGTHS = (15, 30, 45, 60, 90, 120)


def main(told: str) -> None:
    """Ask until the time is over."""
    task = Task(**json.loads(told))
    with Path(task.ledger).open("w", encoding="utf-8") as ledger:
        client = Receptionist(task)
        end = time.monotonic() + task.seconds
        while time.monotonic() < end:
            entry = client.act()
            ledger.write(json.dumps(asdict(entry)) + "\n")
            ledger.flush()


class Receptionist(Visitor):
    """What is done with the mouse in the calendar, beside what programs do."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.blocks: list[str] = []
        self.people: set[str] = set()
        self.merges: list[str] = []
        self.deeds += [(6, self.stretch), (3, self.block), (3, self.away), (6, self.unblock)]
        self.deeds += [(4, self.merge), (3, self.part)]

    def stretch(self) -> Entry:
        """Longer or shorter, by the version one has seen; there is no key for this."""
        visit, version = self._visit()
        if visit is None:
            return self.book()
        wanted = Ask(
            path=f"/torture/visits/{visit}",
            method="PATCH",
            body={"minutes": self.random.choice(LENGTHS)},
            version=version,
        )
        return self._learn(self._send("stretch", wanted, expected=200, about=visit))

    def block(self) -> Entry:
        """Keep somebody or something free, where nothing stands or beside what does."""
        start = self._start()
        body = {
            "resource": self.random.choice((*PRACTITIONERS, "lab", "treadmill-1")),
            "starts_at": _text(start),
            "ends_at": _text(start + timedelta(minutes=self.random.choice(LENGTHS))),
            "beside_visits": self.random.random() < 0.5,
        }
        wanted = Ask(path="/torture/blocks", body=body)
        return self._keep_blocks(self._send("block", wanted, expected=200, about="block"))

    def unblock(self) -> Entry:
        """Give time back, at once or later."""
        if not self.blocks:
            return self.block()
        block = self.blocks.pop(self.random.randrange(len(self.blocks)))
        wanted = Ask(path=f"/torture/blocks/{block}/remove", body={})
        return self._keep_blocks(self._send("unblock", wanted, expected=200, about="block"))

    def away(self) -> Entry:
        """Somebody is away on a day: move or cancel some of the visits in one go."""
        who = self.random.choice(PRACTITIONERS)
        day = (now() + timedelta(days=self.random.randint(0, DAYS))).date().isoformat()
        query = f"from={day}&to={day}&practitioner={who}&status=booked"
        look = Ask(path=f"/appointments?{query}", method="GET", token=self.task.token)
        looked = self._send("away", look, expected=200)
        if looked.seen is None:
            return looked
        listed = looked.seen["appointments"]
        some = self.random.sample(listed, min(MOST_AT_ONCE, len(listed)))
        choices = [self._choose(one) for one in some]
        body = {"practitioner": who, "day": day, "choices": choices}
        wanted = Ask(path="/torture/away", body=body)
        entry = self._send("away", wanted, expected=200, about="away")
        entry.faults += looked.faults
        return self._read_outcome(entry, {one["visit"]: one["version"] for one in choices})

    def merge(self) -> Entry:
        """Make one record of two that one has booked for, whoever they are."""
        if len(self.people) < 2:
            return self.book()
        kept, gone = self.random.sample(sorted(self.people), 2)
        wanted = Ask(path="/torture/merges", body={"kept": kept, "gone": gone})
        return self._keep_merge(self._send("merge", wanted, expected=200, about="merge"))

    def part(self) -> Entry:
        """Make two of it again, at once or later."""
        if not self.merges:
            return self.merge()
        merge = self.merges.pop(self.random.randrange(len(self.merges)))
        wanted = Ask(path=f"/torture/merges/{merge}/undo", body={})
        return self._keep_merge(self._send("part", wanted, expected=200, about="merge"))

    def _keep_merge(self, entry: Entry) -> Entry:
        """What was told of a record is told of no visit."""
        self.merges += [entry.seen["id"]] if entry.op == "merge" and entry.seen else []
        entry.seen = None
        return entry

    def _keep(self, entry: Entry) -> Entry:
        """Programs of the desk are told whom they have booked for."""
        who = (entry.seen or {}).get("patient")
        self.people |= {who["id"]} if who else set()
        return super()._keep(entry)

    def _choose(self, visit: dict[str, Any]) -> dict[str, Any]:
        is_moved = self.random.random() < 0.6
        return {
            "visit": visit["id"],
            "version": visit["version"],
            "starts_at": _text(self._start()) if is_moved else None,
            "practitioner": self.random.choice(PRACTITIONERS) if is_moved else None,
        }

    def _read_outcome(self, entry: Entry, asked: dict[str, int]) -> Entry:
        """What was told of each visit; an earlier try without an answer may have done any."""
        is_told = entry.seen is not None
        done = {one["id"]: one for one in (entry.seen or {}).get("done", [])}
        was_lost = bool(entry.lost + entry.busy) or not is_told
        for visit, version in asked.items():
            seen = done.get(visit)
            if seen is not None:
                entry.also.append(seen)
                self.visits[visit] = seen["version"]
            else:
                self.visits.pop(visit, None)
            # A version further on: somebody else was there before the answer was put together.
            if was_lost if seen is None else seen["version"] != version + 1:
                entry.unsure.append(visit)
        return self._keep_blocks(entry)

    def _keep_blocks(self, entry: Entry) -> Entry:
        self.blocks += (entry.seen or {}).get("blocks", [])
        entry.seen = None
        return entry


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    main(sys.argv[1])
