"""A receipt as a file, for its buyer and for the desk alike."""

from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.core.values import Actor
from clinic.gait.presenters.receipts import receipt_file
from clinic.gait.queries.whole import get_whole_order
from clinic.payments.queries.money import get_receipt
from clinic.payments.queries.orders import OrderSeen
from clinic.scheduling.queries.setting import get_setting
from clinic.web.pdf import pdf_answer


def receipt_answer(order: OrderSeen, public_id: str, *, actor: Actor) -> ResponseReturnValue:
    """The receipt, if it is one of this order; NotFound otherwise."""
    receipt, at = get_receipt(public_id), now()
    if receipt.order != order.public_id:
        raise NotFound
    record_look(action="receipt.read", actor=actor, now=at, subject=f"patient:{order.patient}")
    whole = get_whole_order(order, now=at)
    body = receipt_file(
        receipt=receipt,
        others=whole.receipts,
        order=order,
        visit=whole.visit,
        code=whole.code,
        setting=get_setting(),
    )
    return pdf_answer(body, name=f"receipt-{receipt.number}.pdf")
