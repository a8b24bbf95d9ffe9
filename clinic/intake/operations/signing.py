"""A signature binds who signs to exactly what was shown and answered."""

from dataclasses import dataclass
from datetime import datetime

from clinic.intake.models import Response, ResponseVersion
from clinic.intake.rules.parties import Author


@dataclass(frozen=True, slots=True)
class SignatureGiven:
    """What the signer did: the name as typed, the sentence that was agreed to, and its language."""

    name: str
    intent: str
    language: str


def sign(
    *,
    response: Response,
    version: ResponseVersion,
    signature: SignatureGiven | None,
    author: Author,
    now: datetime,
) -> None:
    """Sign what was handed in, inside its transaction."""
    del response, version, signature, author, now
