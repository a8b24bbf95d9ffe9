"""Signatures of events: as the service's own package judges them, without loading it."""

import time
from collections.abc import Callable

import pytest
from stripe import SignatureVerificationError, WebhookSignature

from clinic.payments.rules.signatures import TOLERANCE_SECONDS, is_signed

SECRETS = ("whsec_new", "whsec_old")
BODY = b'{"id": "evt_1", "note": "\xc3\xa9"}'
LATE = TOLERANCE_SECONDS + 20
IN_TIME = TOLERANCE_SECONDS - 20


def header_of(secret: str, *, at: int, body: bytes = BODY) -> str:
    """What the service's package signs with."""
    return str(WebhookSignature.generate_signature_header(body.decode(), secret, at))


# Made when the test runs: the package reads the clock itself.
HEADERS: dict[str, tuple[Callable[[int], str | None], bool]] = {
    "new secret": (lambda at: header_of("whsec_new", at=at), True),
    "old secret": (lambda at: header_of("whsec_old", at=at), True),
    "in time": (lambda at: header_of("whsec_old", at=at - IN_TIME), True),
    "from the future": (lambda at: header_of("whsec_old", at=at + 3600), True),
    "two signatures": (
        lambda at: header_of("whsec_new", at=at) + "," + signature_of("whsec_else", at=at),
        True,
    ),
    "other schemes": (lambda at: "v0=1,scheme," + header_of("whsec_new", at=at), True),
    "another secret": (lambda at: header_of("whsec_else", at=at), False),
    "another body": (lambda at: header_of("whsec_new", at=at, body=b"{}"), False),
    "late": (lambda at: header_of("whsec_new", at=at - LATE), False),
    "another scheme": (lambda at: header_of("whsec_new", at=at).replace("v1=", "v0="), False),
    "another time": (
        lambda at: header_of("whsec_new", at=at).replace(f"t={at}", f"t={at + 1}"),
        False,
    ),
    "a time below zero": (lambda at: header_of("whsec_new", at=at).replace("t=", "t=-"), False),
    "a letter more": (lambda at: header_of("whsec_new", at=at) + "é", False),
    "an empty signature": (lambda at: f"t={at},v1=", False),
    "no signature": (lambda at: f"t={at}", False),
    "no time": (lambda _at: "t=,v1=00", False),
    "nothing": (lambda _at: "", False),
    "no header": (lambda _at: None, False),
}


def signature_of(secret: str, *, at: int) -> str:
    """The header without its time."""
    return header_of(secret, at=at).partition(",")[2]


class TestIsSigned:
    @pytest.mark.parametrize(("make", "holds"), HEADERS.values(), ids=HEADERS.keys())
    def test_judges_as_the_package_does(
        self, make: Callable[[int], str | None], holds: bool
    ) -> None:
        at = int(time.time())
        header = make(at)
        assert is_signed(BODY, header=header, secrets=SECRETS, now_seconds=at) is holds
        assert any(judged(header, secret) for secret in SECRETS) is holds


def judged(header: str | None, secret: str) -> bool:
    """What the service's package says."""
    try:
        return bool(WebhookSignature.verify_header(BODY, header, secret, TOLERANCE_SECONDS))
    except (SignatureVerificationError, ValueError, TypeError):
        return False
