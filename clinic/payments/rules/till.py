"""What should be in the drawer. Pure; cents throughout."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CASH = "cash"
TERMINAL = "terminal"
DESK_MEANS = (CASH, TERMINAL)
"""How money is taken at the desk; what comes by a link is the payment service's to count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """A day's cash: what lay there, came in less what went back, was put in less taken out."""

    start_cents: int
    cash_cents: int
    moved_cents: int

    @property
    def expected_cents(self) -> int:
        """What should lie there now."""
        return self.start_cents + self.cash_cents + self.moved_cents

    def difference(self, counted_cents: int) -> int:
        """What was counted more (positive) or less than there should be."""
        return counted_cents - self.expected_cents


def sums_by_means(lines: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    """Cents by means of (means, cents in or out); each means of the desk has a sum."""
    sums = dict.fromkeys(DESK_MEANS, 0)
    for means, cents in lines:
        sums[means] = sums.get(means, 0) + cents
    return sums
