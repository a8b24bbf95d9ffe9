"""What lower slices announce and upper ones answer.

A hook is called inside the transaction of the operation that announces it, its answers in the
order in which ``create_app`` tied them, so lower slices never import upper ones.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Hook(Generic[P]):
    """A named announcement; what is tied to it runs in the order of tying."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._answers: list[Callable[P, None]] = []

    def tie(self, answer: Callable[P, None]) -> None:
        """Let ``answer`` run at every announcement; tying the same twice changes nothing."""
        if answer not in self._answers:
            self._answers.append(answer)

    def announce(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Run every answer; the first that raises undoes the whole operation."""
        for answer in self._answers:
            answer(*args, **kwargs)


appointment_changed: Hook[[str, str]] = Hook("appointment_changed")
"""(public id, what: booked | moved | confirmed | arrived | ... | cancelled | undone)"""

demo_begun: Hook[[datetime]] = Hook("demo_begun")
"""(now) The demonstration clinic is being made; no transaction is open, answers may run twice."""
