"""What lower slices announce and upper ones answer.

A hook is called inside the transaction of the operation that announces it, its answers in the
order in which ``create_app`` tied them, so lower slices never import upper ones.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, ParamSpec

from clinic.core.values import Actor

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

demo_lived: Hook[[datetime, Actor]] = Hook("demo_lived")
"""(now, who sits at the demo's desk) The demonstration's visits up to now took place."""

order_paid: Hook[[str, bool, datetime]] = Hook("order_paid")
"""(order's public id, whether what was bought is still wanted, now) The money is here, once."""

order_waiting: Hook[[str, datetime]] = Hook("order_waiting")
"""(order's public id, now) The buyer is done, the bank takes days: what is held stays held."""

order_let_go: Hook[[str, datetime]] = Hook("order_let_go")
"""(order's public id, now) No money came, or it will not come: what is held for it is free."""

order_cancelled: Hook[[str, datetime]] = Hook("order_cancelled")
"""(order's public id, now) A paid order was cancelled: what was granted is taken back."""

safety_changed: Hook[[int, datetime]] = Hook("safety_changed")
"""(patient's row number, now) A safety event of the patient was raised or closed."""

contact_chosen: Hook[[int]] = Hook("contact_chosen")
"""(patient's row) How a patient may be contacted has changed."""
