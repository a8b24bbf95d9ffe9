"""What a signature binds: who, how, which text in which language, which answers, when. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from clinic.intake.rules.form import Form
from clinic.intake.rules.reading import write_json

SIGNATURE_REQUIRED = "http://hl7.org/fhir/StructureDefinition/questionnaire-signatureRequired"
"""FHIR R4's extension on the questionnaire itself: its answers are signed."""
AGREES = "-agree"
"""The end of the linkId of the box by which a page of the consents is agreed to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """All that a signature is about. ``signed_at`` in microseconds since 1970.

    ``definition`` and ``answers`` are SHA-256 digests: of the form's text as it was given, and of
    the answers with the wording that was asked. ``shown`` is the digest of what stood on the page
    when it was signed: both of them with the language and the sentence that was agreed to.
    """

    signature: str
    response: str
    number: int
    patient: str
    canonical: str
    definition: str
    answers: str
    shown: str
    language: str
    signer: str
    intent: str
    source: str
    author: str
    signed_at: int
    actor: str
    session: str

    def as_text(self) -> str:
        """One spelling for one content."""
        return write_json(dict(sorted(asdict(self).items())), indent=None)


def needs_signature(*, form: Form) -> bool:
    """Whether the answers to a form are signed when they are handed in."""
    listed = form.raw.get("extension")
    if not isinstance(listed, list):
        return False
    return any(isinstance(one, dict) and one.get("url") == SIGNATURE_REQUIRED for one in listed)


def digest_of_shown(*, definition: str, answers: str, language: str, intent: str) -> str:
    """The digest of what stood before the signer."""
    shown = {"definition": definition, "answers": answers, "language": language, "intent": intent}
    return hashlib.sha256(write_json(shown, indent=None).encode()).hexdigest()


def agreements(*, form: Form, response: Mapping[str, Any]) -> dict[str, bool]:
    """Name of each page of consents -> whether it was agreed to; pages not asked are left out."""
    names = {
        item.link_id.removesuffix(AGREES)
        for item in form.items
        if item.link_id.endswith(AGREES) and item.type == "boolean"
    }
    found: dict[str, bool] = {}
    for entry in _entries(response):
        name = str(entry.get("linkId", "")).removesuffix(AGREES)
        if name in names and str(entry.get("linkId", "")).endswith(AGREES):
            found[name] = any(one.get("valueBoolean") is True for one in entry.get("answer", ()))
    return found


def _entries(holder: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    waiting: list[Mapping[str, Any]] = [holder]
    while waiting:
        one = waiting.pop()
        nested = list(one.get("item", ()))
        nested += [item for answer in one.get("answer", ()) for item in answer.get("item", ())]
        found += nested
        waiting += nested
    return found
