"""What is given back when an order is cancelled: a percentage for each status, by notice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from clinic.payments.rules.states import GRANTED, Status

MOST_HOURS = 24 * 90
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """From so many hours before the visit (that much notice or more), so many percent."""

    hours: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The refund rule of each status. ``scheduled`` is by notice, the most notice first."""

    paid: int = 100
    scheduled: tuple[Notice, ...] = (Notice(48, 100), Notice(24, 50))
    recorded: int = 0
    released: int = 0

    def percent(self, status: Status, *, notice: timedelta | None) -> int:
        """The percentage for an order in this status; ``notice`` until its visit begins.

        An order without anything granted has nothing to give back.
        """
        if status not in GRANTED:
            return 0
        if status is not Status.SCHEDULED:
            return {
                Status.PAID: self.paid,
                Status.RECORDED: self.recorded,
                Status.RELEASED: self.released,
            }[status]
        for step in self.scheduled:
            if notice is not None and notice >= timedelta(hours=step.hours):
                return step.percent
        return 0

    def as_json(self) -> dict[str, Any]:
        """The policy as it is stored."""
        return {
            "paid": self.paid,
            "scheduled": [[step.hours, step.percent] for step in self.scheduled],
            "recorded": self.recorded,
            "released": self.released,
        }


DEFAULT = Policy()


def policy_of(raw: Mapping[str, Any]) -> Policy:
    """The policy that was stored, or typed; ValueError with a sentence when it can be none."""
    numbers = {name: raw[name] for name in ("paid", "recorded", "released")}
    steps = tuple(Notice(hours, percent) for hours, percent in raw["scheduled"])
    for percent in (*numbers.values(), *(step.percent for step in steps)):
        if not 0 <= percent <= HUNDRED:
            raise ValueError("A refund is from 0 to 100 percent.")
    _check_order(steps)
    return Policy(scheduled=steps, **numbers)


def _check_order(steps: Sequence[Notice]) -> None:
    hours = [step.hours for step in steps]
    if hours != sorted(set(hours), reverse=True) or any(not 0 <= h <= MOST_HOURS for h in hours):
        raise ValueError("Name each notice once, the longest first, in hours.")


def share(*, cents: int, percent: int) -> int:
    """So many percent of an amount, in whole cents, rounded to the buyer's favour."""
    return -(-cents * percent // HUNDRED)
