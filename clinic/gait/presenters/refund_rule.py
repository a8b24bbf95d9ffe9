"""The refund rule in words, before anybody pays and before anybody cancels."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.payments.rules.refunds import HUNDRED, Policy, share
from clinic.web.filters import money


@dataclass(frozen=True, slots=True)
class RuleRow:
    """When, and what one gets back then."""

    when: str
    back: str


@dataclass(frozen=True, slots=True)
class Price:
    """What was or will be paid, for rows in money instead of percent."""

    cents: int
    currency: str


def present_refund_rule(*, policy: Policy, price: Price | None = None) -> tuple[RuleRow, ...]:
    """A row for each state an order may be in, in its order; with a price in money."""
    rows = [(_("Bought, no lab time chosen"), policy.paid)]
    for step in policy.scheduled:
        words = ngettext(
            "%(num)d hour or more before the visit",
            "%(num)d hours or more before the visit",
            step.hours,
        )
        rows.append((str(words), step.percent))
    if not policy.scheduled or policy.scheduled[-1].hours > 0:
        rows.append((_("Later than that, or not attended"), 0))
    rows.append((_("Recorded in the lab"), policy.recorded))
    if policy.released != policy.recorded:
        rows.append((_("Report released"), policy.released))
    return tuple(RuleRow(str(when), back_words(percent, price)) for when, percent in rows)


def back_words(percent: int, price: Price | None) -> str:
    """`$420`, `Everything`, `50 %`, `Nothing`."""
    if percent == 0:
        return str(_("Nothing"))
    if price is not None:
        return money(share(cents=price.cents, percent=percent), currency=price.currency)
    if percent == HUNDRED:
        return str(_("Everything"))
    return str(_("%(share)s%% of it", share=percent))
