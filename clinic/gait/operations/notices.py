"""What a buyer was told before paying by card, kept in the order's story."""

from datetime import datetime

from clinic.core.db import transaction
from clinic.core.values import Actor
from clinic.payments.operations.orders import lock_order
from clinic.payments.operations.story import add_step

CARD_NOTICE = "card-notice"
CARD_NOTICE_VERSION = 1
"""Raise it when the words of the notice change (templates/components/card_notice.html)."""


@transaction
def note_card_notice(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Write down that the notice about paying by card was shown and acknowledged.

    New York, General Business Law 519-a: who takes cards for health care tells beforehand what
    protections may be lost. Raises NotFound.
    """
    order = lock_order(public_id)
    details = {"version": CARD_NOTICE_VERSION}
    add_step(order, CARD_NOTICE, actor=actor, now=now, details=details)
