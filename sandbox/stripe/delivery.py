"""Webhooks: signed, sent in order or not, once or twice or never, again until they are taken."""

import hashlib
import hmac
import json
import queue
import random
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from sandbox.stripe.state import Object, State

TRIES = 6
FIRST_PAUSE_SECONDS = 0.5


def signed(body: bytes, *, secret: str, at: float) -> str:
    """The header that proves the body, made at that moment."""
    stamp = str(int(at))
    proof = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={proof}"


@dataclass
class Post:
    """Sends every event to one address, in a thread of its own."""

    state: State
    url: str
    secret: str

    def __post_init__(self) -> None:
        """Listen; send from now on."""
        self._waiting: queue.Queue[Object] = queue.Queue()
        self.state.on_event.append(self._waiting.put)
        threading.Thread(target=self._run, daemon=True).start()

    def again(self, event: Object) -> None:
        """Send an event once more."""
        self._waiting.put(event)

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            if self.state.faults.reorder:
                time.sleep(1.0)
                while not self._waiting.empty():
                    batch.append(self._waiting.get())
                random.shuffle(batch)
            for event in batch:
                self._send_as_told(event)

    def _send_as_told(self, event: Object) -> None:
        if self.state.takes("lose"):
            return
        for _ in range(2 if self.state.takes("duplicate") else 1):
            threading.Thread(target=self._send, args=(event,), daemon=True).start()
        time.sleep(0.02)

    def _send(self, event: Object) -> None:
        body = json.dumps(event).encode()
        for attempt in range(TRIES):
            if self._once(body):
                return
            time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)

    def _once(self, body: bytes) -> bool:
        header = signed(body, secret=self.secret, at=time.time())
        headers = {"Stripe-Signature": header, "Content-Type": "application/json"}
        wanted = urllib.request.Request(self.url, data=body, headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(wanted, timeout=10) as answer:  # noqa: S310 - our own app
                return bool(200 <= answer.status < 300)
        except (urllib.error.URLError, OSError):
            return False
