"""What is left to pay for a visit. Pure; cents."""

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.payments.rules.states import Paid


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """An order about a visit. ``is_bought``: the visit was bought with it (a gait analysis)."""

    total_cents: int
    paid_cents: int
    refunded_cents: int
    payment: str
    is_bought: bool

    @property
    def is_open(self) -> bool:
        """Whether it still asks for its money."""
        return self.payment in {Paid.UNPAID.value, Paid.PENDING.value}

    @property
    def kept_cents(self) -> int:
        """What came in and did not go back."""
        return self.paid_cents - self.refunded_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMoney:
    """What a visit costs and what of it was paid. ``payment`` is the word of the desk's list.

    ``open_cents`` is what a link asks for that was mailed; ``left_cents`` is never below it.
    """

    cost_cents: int
    paid_cents: int
    left_cents: int
    open_cents: int
    payment: str
    is_bought: bool = False

    @property
    def too_much_cents(self) -> int:
        """What is here beyond what it costs: to be given back, or the price was lowered."""
        return max(0, self.paid_cents - self.cost_cents) if not self.is_bought else 0


def settle(*, cost_cents: int, orders: Sequence[OrderMoney]) -> VisitMoney | None:
    """How a visit stands; None where nothing is due and nothing was paid.

    A visit that was bought is its order's to settle. Else every order about it counts: what was
    taken at the desk, and what was asked for by a link.
    """
    bought = next((one for one in orders if one.is_bought), None)
    if bought is not None:
        due = max(0, bought.total_cents - bought.paid_cents)
        return VisitMoney(
            cost_cents=bought.total_cents,
            paid_cents=bought.kept_cents,
            left_cents=due,
            open_cents=0,
            payment=bought.payment,
            is_bought=True,
        )
    paid = sum(one.kept_cents for one in orders)
    asked = max((one.total_cents for one in orders if one.is_open), default=0)
    left = max(cost_cents - paid, asked, 0)
    if not (left or paid or any(one.refunded_cents for one in orders)):
        return None
    return VisitMoney(
        cost_cents=cost_cents,
        paid_cents=paid,
        left_cents=left,
        open_cents=asked,
        payment=_word(orders, paid, left),
    )


def _word(orders: Sequence[OrderMoney], paid: int, left: int) -> str:
    if any(one.payment == Paid.PENDING.value for one in orders):
        return Paid.PENDING.value
    if left:
        return Paid.UNPAID.value
    if paid <= 0:
        return Paid.REFUNDED.value
    gave_back = any(one.refunded_cents for one in orders)
    return Paid.PARTLY_REFUNDED.value if gave_back else Paid.PAID.value
