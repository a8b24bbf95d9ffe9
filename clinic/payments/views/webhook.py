"""The webhook: look at the signature, store, answer. What it means is worked out later."""

import logging

from flask import Blueprint, Response, request

from clinic.core.clock import now
from clinic.payments.gateway import BadSignature, gateway, takes_payments
from clinic.payments.operations.inbox import store_event
from clinic.web.access import signed_by_caller

blueprint = Blueprint("payments", __name__)
log = logging.getLogger(__name__)

LARGEST_BODY = 512 * 1024
_KINDS_OF_TEXT = "text/plain"


@blueprint.post("/payments/stripe/webhook")
@signed_by_caller
def stripe_webhook() -> Response:
    """Take an event in; 400 for what is not signed for us, 413 for what is too large."""
    request.max_content_length = LARGEST_BODY
    body = request.get_data(cache=False)
    if not takes_payments():
        return _answer("no payments are taken here", 400)
    service, at = gateway(), now()
    signature = request.headers.get("Stripe-Signature")
    try:
        event = service.read_event(body=body, signature=signature, now=at)
    except BadSignature:
        log.warning("a webhook was refused: %d bytes", len(body))
        return _answer("not signed for us", 400)
    store_event(door=service.door, event=event, body=body, now=at)
    return _answer("stored", 200)


def _answer(words: str, status: int) -> Response:
    return Response(words, status=status, mimetype=_KINDS_OF_TEXT)
