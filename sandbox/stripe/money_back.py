"""Refunds and disputes."""

from sandbox.stripe.checkout import Rejected
from sandbox.stripe.state import Object, State

TAKES = {"pending", "requires_action", "succeeded"}


def create_refund(state: State, params: Object) -> Object:
    """Give money back, or decline what is more than is left."""
    intent = state.objects.get(str(params.get("payment_intent")))
    if intent is None or not intent.get("latest_charge"):
        raise Rejected("No such payment_intent.", code="resource_missing", param="payment_intent")
    charge = state.objects[intent["latest_charge"]]
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise Rejected("Already refunded.", code="charge_already_refunded")
    cents = params.get("amount", left)
    if not isinstance(cents, int) or not 0 < cents <= left:
        raise Rejected("Greater than unrefunded amount.", code="amount_too_large", param="amount")
    refund = state.add(
        "refund",
        amount=cents,
        charge=charge["id"],
        payment_intent=intent["id"],
        currency=charge["currency"],
        status="pending",
        metadata=params.get("metadata", {}),
        reason=params.get("reason"),
    )
    charge["amount_refunded"] += cents
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    state.emit("refund.created", refund)
    state.emit("charge.refunded", charge)
    if state.faults.refunds != "pending":
        settle_refund(state, refund, state.faults.refunds)
    return refund


def settle_refund(state: State, refund: Object, status: str) -> None:
    """A refund succeeds or fails, also after it had succeeded."""
    before, refund["status"] = refund["status"], status
    if status in {"failed", "canceled"} and before in TAKES:
        charge = state.objects[refund["charge"]]
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
    state.emit("refund.updated", refund)
    if status == "failed":
        state.emit("refund.failed", refund)
    state.emit("charge.refund.updated", refund)


def open_dispute(state: State, intent: Object, *, status: str = "needs_response") -> Object:
    """The buyer asks the bank for the money."""
    charge = state.objects[intent["latest_charge"]]
    charge["disputed"] = True
    dispute = state.add(
        "dispute",
        amount=charge["amount"],
        charge=charge["id"],
        payment_intent=intent["id"],
        currency=charge["currency"],
        reason="fraudulent",
        status=status,
        evidence_details={"due_by": state.now() + 7 * 86400},
        metadata={},
    )
    state.emit("charge.dispute.created", dispute)
    if not status.startswith("warning"):
        state.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(state: State, dispute: Object, status: str) -> None:
    """The bank decides: ``won`` (by us), ``lost``, ``warning_closed``."""
    dispute["status"] = status
    state.emit("charge.dispute.closed", dispute)
    if status == "won":
        state.emit("charge.dispute.funds_reinstated", dispute)
