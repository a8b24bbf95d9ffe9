"""Who signed an event: the payment service's scheme, "Verify webhook signatures manually".

Worked out here, because the service's package is large to load and slow to ask, and a webhook is
answered by processes that may never pay. A test compares the two.
"""

import hmac
from collections.abc import Sequence

TOLERANCE_SECONDS = 300
_SCHEME = "v1"


def is_signed(
    body: bytes, *, header: str | None, secrets: Sequence[str], now_seconds: float
) -> bool:
    """Whether one of our secrets signed these bytes, at most five minutes before.

    Several are valid while one is replaced. The service's clock may be ahead of ours.
    """
    parts = [part.partition("=") for part in (header or "").split(",")]
    stamp = next((value for name, _, value in parts if name == "t"), "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    if int(stamp) < now_seconds - TOLERANCE_SECONDS:
        return False
    proofs = [value.encode() for name, _, value in parts if name == _SCHEME]
    signed = stamp.encode() + b"." + body
    return any(
        hmac.compare_digest(hmac.digest(secret.encode(), signed, "sha256").hex().encode(), proof)
        for secret in secrets
        for proof in proofs
    )
