"""Codes of the second factor: those of an authenticator app, and those on paper.

The app's are TOTP (RFC 6238): six digits for every thirty seconds. The ones on paper have 120
random bits, so that a plain hash keeps them (OWASP ASVS 5.0, 6.5.2).
"""

import hmac
import re
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
LATE_STEPS = 1
"""How many steps a clock may be wrong, and a slow typist late."""
HOW_MANY = 10
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LOOK_ALIKE = str.maketrans({"o": "0", "i": "1", "l": "1"})
_GROUPS, _GROUP = 4, 6
_DIGITS = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """A secret for an app: 160 random bits in base 32."""
    return pyotp.random_base32()


def enrolment_uri(*, secret: str, email: str, clinic_name: str) -> str:
    """What the QR code holds; the app shows the clinic's name and the address."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=clinic_name or "Clinic")


def matching_step(*, secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, at most one away from now; None when it is none.

    All steps are compared, so that the time taken tells nothing.
    """
    digits = "".join(code.split())
    if not _DIGITS.fullmatch(digits):
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret)
    steps = range(present - LATE_STEPS, present + LATE_STEPS + 1)
    right = [step for step in steps if hmac.compare_digest(app.generate_otp(step), digits)]
    return right[-1] if right else None


def new_recovery_codes() -> list[str]:
    """Ten codes as they are shown: four groups of six, without signs that look alike."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(HOW_MANY)
    ]


def plain_recovery_code(typed: str) -> str:
    """A recovery code as it is hashed, however it was typed: spaces, dashes and case aside."""
    return re.sub(r"[^0-9a-z]", "", typed.lower()[:200]).translate(_LOOK_ALIKE)
