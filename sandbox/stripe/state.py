"""What the double remembers: objects by id, saved answers by key, events and faults."""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Object = dict[str, Any]
PREFIXES = {
    "checkout.session": "cs_test_",
    "payment_intent": "pi_",
    "charge": "ch_",
    "refund": "re_",
    "dispute": "dp_",
    "event": "evt_",
    "promotion_code": "promo_",
}


@dataclass
class Faults:
    """What goes wrong next: how many calls each fault still has. Seconds where it takes some.

    ``drop``: done, and the answer never arrives. ``lose``: webhooks that are never sent.
    ``refunds``: how the next refunds end (``pending``, ``failed``; else they succeed).
    """

    drop: int = 0
    error: int = 0
    busy: int = 0
    refuse: int = 0
    deny: int = 0
    garbage: int = 0
    hang: int = 0
    hang_seconds: float = 60.0
    delay_seconds: float = 0.0
    lose: int = 0
    duplicate: int = 0
    reorder: bool = False
    refunds: str = "succeeded"


@dataclass(frozen=True)
class Call:
    """One request that arrived: for tests that look at what the clinic sends."""

    method: str
    path: str
    params: Object
    idempotency_key: str | None
    body: str


@dataclass
class State:
    """Everything, behind one lock. With a file it survives a restart."""

    clock: Callable[[], float] = time.time
    file: Path | None = None
    objects: dict[str, Object] = field(default_factory=dict)
    answers: dict[str, Object] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    lock: threading.RLock = field(default_factory=threading.RLock)
    on_event: list[Callable[[Object], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take up what an earlier run left."""
        if self.file is not None and self.file.exists():
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            self.objects, self.answers = kept["objects"], kept["answers"]

    def now(self) -> int:
        """Seconds since 1970 by the double's clock."""
        return int(self.clock())

    def add(self, kind: str, **values: Any) -> Object:
        """A new object of a kind."""
        made = {
            "id": PREFIXES[kind] + secrets.token_urlsafe(18).replace("-", "x").replace("_", "y"),
            "object": kind,
            "created": self.now(),
            "livemode": False,
            **values,
        }
        self.objects[made["id"]] = made
        return made

    def all(self, kind: str) -> Iterator[Object]:
        """Every object of a kind, the newest first."""
        with self.lock:
            found = [one for one in self.objects.values() if one["object"] == kind]
        return reversed(found)

    def emit(self, kind: str, about: Object) -> Object:
        """Something happened: an event with the object as it is now."""
        event = self.add(
            "event",
            type=kind,
            api_version="2026-10-28.endive",
            pending_webhooks=1,
            request={"id": None, "idempotency_key": None},
            data={"object": json.loads(json.dumps(about))},
        )
        for listener in self.on_event:
            listener(event)
        return event

    def save(self) -> None:
        """Keep it, whole or as it was."""
        if self.file is None:
            return
        with self.lock:
            text = json.dumps({"objects": self.objects, "answers": self.answers})
            partial = self.file.with_suffix(".partial")
            partial.write_text(text, encoding="utf-8")
            partial.replace(self.file)

    def takes(self, fault: str) -> bool:
        """Whether that fault is due now; it has one call less then."""
        with self.lock:
            left = int(getattr(self.faults, fault))
            if left > 0:
                setattr(self.faults, fault, left - 1)
            return left > 0
