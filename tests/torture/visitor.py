"""A client that asks at random, never gives up on an answer, and writes down what it was told.

Every operation is one line of the ledger: what was asked, what was acknowledged, and whatever
should never have happened.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.torture.asking import Answer, Ask, Lost, ask
from tests.torture.the_clinic import PRACTITIONERS, booking, person

PATIENCE_SECONDS = 45.0
PEOPLE = 80
DAYS = 2
REFUSALS = {
    409: {"slot-taken", "patient-busy", "limit-reached", "wrong-state", "hold-lapsed"},
    412: {"version-mismatch"},
    422: {"not-offered", "too-soon"},
}
OWN_REFUSALS = {
    "stretch": {"invalid"},
    "block": {"visits-in-the-way"},
    "away": {"visits-in-the-way"},
    "merge": {"same-record", "already-merged", "record-changed", "visits-clash"},
    "part": {"merged-further"},
}
"""What one kind of operation may hear beside: a class is not stretched, time is not free, others
book on that day faster than it can be blocked, or somebody else merges these records too."""
STEPS = ("confirm", "arrive", "check-in", "fulfil")


@dataclass(frozen=True, slots=True)
class Task:
    """What a client is told: where, with which key, which random numbers, for how long, and after
    how many seconds an answer is too late."""

    port: int
    token: str
    seed: int
    number: int
    seconds: float
    ledger: str
    slowest: float


@dataclass(slots=True)
class Entry:
    """One operation. ``seen`` is what the last answer said of the visit; ``is_open`` that no
    answer ever told whether it was done. ``also`` and ``unsure`` are the same of the visits of an
    operation on many."""

    op: str
    seen: dict[str, Any] | None = None
    made: str | None = None
    is_open: bool = False
    about: str | None = None
    tries: int = 0
    slowest: float = 0.0
    lost: int = 0
    busy: int = 0
    status: int = 0
    code: str = ""
    faults: list[str] = field(default_factory=list)
    asked: Any = None
    also: list[dict[str, Any]] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


def now() -> datetime:
    """The present; the product, which has a clock, is not imported here: that takes seconds."""
    return datetime.now(UTC)


class Visitor:
    """A program of the desk and a member of the public in one, with visits it knows of."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.random = random.Random(f"{task.seed}/{task.number}")
        self.visits: dict[str, int] = {}
        self.keys = 0
        self.deeds: list[tuple[int, Callable[[], Entry]]] = [
            (26, self.book),
            (6, self.overbook),
            (4, self.book_past),
            (12, self.hold),
            (12, self.move),
            (12, self.cancel),
            (8, self.undo),
            (4, self.no_show),
            (6, self.step),
            (4, self.read),
        ]

    def act(self) -> Entry:
        """One operation at random."""
        weights = [weight for weight, _ in self.deeds]
        (_, deed) = self.random.choices(self.deeds, weights)[0]
        return deed()

    def book(self) -> Entry:
        """By the public or at the desk, with anybody or somebody."""
        return self._book("book", self._start(), token=self._maybe_token())

    def overbook(self) -> Entry:
        """At the desk, against what is taken."""
        return self._book("overbook", self._start(), token=self.task.token, reason="it is urgent")

    def book_past(self) -> Entry:
        """At the desk, somebody who walked in earlier today."""
        start = self._grid(now() - timedelta(hours=self.random.randint(1, 10)))
        return self._book("book_past", start, token=self.task.token)

    def _book(
        self, op: str, start: datetime, *, token: str | None, reason: str | None = None
    ) -> Entry:
        services = ("evaluation", "evaluation", "follow-up", "gait", "run", "class")
        body = booking(
            self.random.choice(services),
            start,
            who=self.random.randint(1, PEOPLE),
            practitioner=self._maybe_practitioner(),
            reason=reason,
        )
        wanted = Ask(path="/appointments", body=body, token=token, key=self._key())
        return self._keep(self._send(op, wanted, expected=201))

    def hold(self) -> Entry:
        """Hold a time as a page does; then book it, let it go, or leave it to expire."""
        visitor = self._key()
        body = {
            "service": self.random.choice(("evaluation", "follow-up", "gait", "class")),
            "starts_at": self._start().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "practitioner": self._maybe_practitioner(),
            "visitor": visitor,
        }
        entry = self._send("hold", Ask(path="/torture/holds", body=body), expected=200)
        if entry.seen is None:
            return entry
        path = f"/torture/holds/{entry.seen['id']}"
        entry.seen = None
        what = self.random.choices(("book", "let-go", "leave"), (70, 15, 15))[0]
        if what == "let-go":
            done = self._send(what, Ask(path=f"{path}/let-go", body={"visitor": visitor}), 200)
            done.seen = None
            return done
        if what == "leave":
            return entry
        patient = person(self.random.randint(1, PEOPLE))
        wanted = Ask(path=f"{path}/book", body={"visitor": visitor, "patient": patient})
        return self._keep(self._send("confirm", wanted, expected=200))

    def _keep(self, entry: Entry) -> Entry:
        if entry.seen is not None:
            entry.made = entry.seen["id"]
            self.visits[entry.made] = entry.seen["version"]
        return entry

    def move(self) -> Entry:
        """To another time or person, by the version one has seen; there is no key for this."""
        visit, version = self._visit()
        if visit is None:
            return self.book()
        body: dict[str, Any] = {}
        if self.random.random() < 0.8:
            body["starts_at"] = self._start().strftime("%Y-%m-%dT%H:%M:%SZ")
        if not body or self.random.random() < 0.3:
            body["practitioner"] = self.random.choice(PRACTITIONERS)
        if self.random.random() < 0.1:
            body["override"] = {"reason": "asked for it"}
        wanted = Ask(
            path=f"/appointments/{visit}",
            method="PATCH",
            body=body,
            version=version,
            token=self.task.token,
        )
        return self._learn(self._send("move", wanted, expected=200, about=visit))

    def cancel(self) -> Entry:
        """At the desk."""
        return self._step("cancel", {"reason": "asked for it"})

    def undo(self) -> Entry:
        """Take the last step back."""
        return self._step("undo", {})

    def no_show(self) -> Entry:
        """Of a visit that has begun, or too early."""
        return self._step("no-show", {})

    def step(self) -> Entry:
        """Onwards."""
        return self._step(self.random.choice(STEPS), {})

    def _step(self, action: str, body: dict[str, str]) -> Entry:
        visit, _ = self._visit()
        if visit is None:
            return self.book()
        wanted = Ask(
            path=f"/appointments/{visit}/{action}",
            body=body,
            token=self.task.token,
            key=self._key(),
        )
        return self._learn(self._send(action, wanted, expected=200, about=visit))

    def _learn(self, entry: Entry) -> Entry:
        if entry.seen is not None:
            self.visits[entry.seen["id"]] = entry.seen["version"]
        elif entry.status == 412 or entry.is_open:
            self.visits.pop(entry.about or "", None)
        return entry

    def read(self) -> Entry:
        """What is offered, or what others have booked: from then on one may change it too."""
        day = (now() + timedelta(days=self.random.randint(0, DAYS))).date()
        if self.random.random() < 0.5:
            path = f"/slots?service=evaluation&from={day}&to={day + timedelta(days=7)}"
            entry = self._send("slots", Ask(path=path, method="GET"), expected=200)
        else:
            path = f"/appointments?from={day}&to={day}"
            wanted = Ask(path=path, method="GET", token=self.task.token)
            entry = self._send("list", wanted, expected=200)
            listed = (entry.seen or {}).get("appointments", [])
            for one in self.random.sample(listed, min(8, len(listed))):
                self.visits[one["id"]] = one["version"]
        entry.seen = None
        return entry

    def _send(self, op: str, wanted: Ask, expected: int, about: str | None = None) -> Entry:
        entry = Entry(op=op, about=about, asked=[wanted.key, wanted.address, wanted.body])
        answer = self._insist(wanted, entry)
        if answer is None:
            entry.is_open = wanted.method != "GET"
            return entry
        entry.status, entry.code = answer.status, answer.code
        if wanted.method == "PATCH" and answer.status == 412 and entry.lost + entry.busy:
            # An earlier try may have been done: then the visit says so.
            answer = self._look_again(wanted, entry) or answer
        if answer.status == expected:
            entry.seen = answer.body
        elif answer.code not in REFUSALS.get(answer.status, set()) | OWN_REFUSALS.get(op, set()):
            entry.faults.append(f"answered {answer.status} {answer.code}: {str(answer.body)[:300]}")
        elif wanted.method == "PATCH" and entry.lost + entry.busy:
            entry.is_open = True
        if wanted.key and self.random.random() < 0.1:
            self._ask_again(wanted, answer, entry)
        return entry

    def _insist(self, wanted: Ask, entry: Entry) -> Answer | None:
        """Ask, with the same key, until an answer says what became of it."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            entry.tries += 1
            try:
                answer = ask(self.task.port, wanted)
            except Lost as lost:
                entry.lost += 1
                if "TimeoutError" in str(lost):
                    entry.faults.append(f"no answer: {lost}")
                time.sleep(self.random.uniform(0.02, 0.2))
                continue
            self._time(answer, entry)
            if answer.status == 503:
                entry.busy += 1
                if "retry-after" not in answer.headers:
                    entry.faults.append("503 without Retry-After")
                time.sleep(self.random.uniform(0.05, 0.3))
            elif answer.code == "in-progress":
                time.sleep(0.1)
            else:
                return answer
        return None

    def _time(self, answer: Answer, entry: Entry) -> None:
        entry.slowest = max(entry.slowest, answer.seconds)
        if answer.seconds > self.task.slowest:
            entry.faults.append(f"{answer.status} after {answer.seconds:.2f} s")

    def _look_again(self, wanted: Ask, entry: Entry) -> Answer | None:
        look = Ask(path=f"/appointments/{entry.about}", method="GET", token=self.task.token)
        found = self._insist(look, entry)
        if found is None or found.status != 200 or wanted.version is None:
            entry.is_open = True
            return None
        asked = {name: value for name, value in wanted.body.items() if name != "override"}
        is_ours = all(found.body.get(name, value) == value for name, value in asked.items())
        if found.body["version"] == wanted.version + 1 and is_ours:
            return found
        entry.is_open = True
        return None

    def _ask_again(self, wanted: Ask, first: Answer, entry: Entry) -> None:
        with suppress(Lost):
            again = ask(self.task.port, wanted)
            self._time(again, entry)
            if again.status == 503 or again.code == "in-progress":
                return
            if (again.status, again.body) != (first.status, first.body):
                entry.faults.append(
                    f"the same key was answered {first.status} {str(first.body)[:400]}"
                    f" and then {again.status} {str(again.body)[:400]}"
                )

    def _visit(self) -> tuple[str | None, int]:
        if not self.visits:
            return None, 0
        visit = self.random.choice(list(self.visits))
        return visit, self.visits[visit]

    def _key(self) -> str:
        self.keys += 1
        return f"{self.task.seed}-{self.task.number}-{self.keys}"

    def _start(self) -> datetime:
        ahead = timedelta(minutes=self.random.randint(60, DAYS * 24 * 60))
        return self._grid(now() + ahead)

    def _grid(self, at: datetime) -> datetime:
        return at.replace(minute=self.random.choice((0, 15, 30, 45)), second=0, microsecond=0)

    def _maybe_token(self) -> str | None:
        return self.random.choice((self.task.token, None))

    def _maybe_practitioner(self) -> str | None:
        return self.random.choice((None, *PRACTITIONERS))
