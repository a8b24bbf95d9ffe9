"""Reads about signatures, and the proof that what was signed is still what it was."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from clinic.core.crypto import CannotOpen, keyring
from clinic.core.db import db, one_snapshot
from clinic.core.types import to_micros
from clinic.intake.models import QuestionnaireVersion, Response, ResponseVersion, Signature
from clinic.intake.queries.questionnaires import form_of, list_given
from clinic.intake.rules.reading import read_json
from clinic.intake.rules.signed import Signed, agreements, digest_of_shown, needs_signature
from clinic.intake.rules.working import digest
from clinic.people.models import Patient, PatientMerge

PURPOSE = "signatures"
CONSENTS_FORM = "consents"
"""The slug of the form that asks for consent, also to video visits."""


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """How many signatures were looked at, and the first fault in words, or None."""

    signatures: int
    fault: str | None


@dataclass(frozen=True, slots=True)
class ShownSignature:
    """A signature as staff read it under the answers."""

    public_id: str
    signer: str
    intent: str
    source: str
    author: str
    signed_at: datetime
    shown_sha256: str


@dataclass(frozen=True, slots=True)
class Consent:
    """A page of consents, whether it was agreed to, and when; ``version`` is the form's."""

    name: str
    is_given: bool
    at: datetime
    version: str


def active_key() -> str:
    """The name of the key that proves new signatures."""
    return keyring().active


def prove(*, signed: Signed, key_name: str) -> str:
    """The keyed digest of all that a signature is about; CannotOpen without that key."""
    key = keyring().derived(PURPOSE, key_name=key_name)
    return hmac.new(key, signed.as_text().encode(), hashlib.sha256).hexdigest()


def signed_of(
    row: Signature, *, response: Response, version: ResponseVersion, patient: str
) -> Signed:
    """All that a signature is about, as its rows say it now."""
    return Signed(
        signature=row.public_id,
        response=response.public_id,
        number=version.number,
        patient=patient,
        canonical=response.canonical,
        definition=row.definition_sha256,
        answers=row.answers_sha256,
        shown=row.shown_sha256,
        language=row.language,
        signer=row.signer or "",
        intent=row.intent or "",
        source=row.source,
        author=row.author,
        signed_at=to_micros(row.signed_at),
        actor=row.actor_kind,
        session=row.session or "",
    )


def verify_signatures() -> SignatureVerdict:
    """Prove every signature anew, and every version that was handed in; names the first fault.

    Found: a changed signature, answers, form or patient, a row put in another's place, a version
    whose text is not what its digest says, and a signature that is gone.
    """
    one_snapshot()
    count = 0
    definitions: dict[int, str] = {}
    for row, version, response, patient in _rows():
        if version is None:
            continue
        fault = _version_fault(version, response)
        if fault is None and row is not None:
            count += 1
            fault = _fault(row, version, response, patient, definitions)
        if fault is None and row is None and version.number == 1:
            fault = _missing(version, response)
        if fault:
            return SignatureVerdict(count, fault)
    return SignatureVerdict(count, None)


def find_signatures(*, response_version_ids: Sequence[int]) -> dict[int, ShownSignature]:
    """Version's row number -> the signature under it; unsigned ones are left out."""
    rows = db.session.scalars(
        select(Signature).where(Signature.response_version_id.in_(response_version_ids))
    )
    return {
        row.response_version_id: ShownSignature(
            public_id=row.public_id,
            signer=row.signer or "",
            intent=row.intent or "",
            source=row.source,
            author=row.author,
            signed_at=row.signed_at,
            shown_sha256=row.shown_sha256,
        )
        for row in rows
    }


def list_consents(*, patient: str) -> list[Consent]:
    """What a patient (public id) agreed to, by the newest signed version of each page."""
    rows = db.session.execute(
        select(Signature, ResponseVersion, Response)
        .join(ResponseVersion, ResponseVersion.id == Signature.response_version_id)
        .join(Response, Response.id == ResponseVersion.response_id)
        .join(Patient, Patient.id == Response.patient_id)
        .where(Patient.public_id == patient)
        .order_by(Signature.id)
    )
    found: dict[str, Consent] = {}
    for signature, version, response in rows:
        form = form_of(db.session.get_one(QuestionnaireVersion, response.questionnaire_version_id))
        body = read_json(data=(version.answers or "{}").encode())
        for name, is_given in agreements(form=form, response=body).items():
            number = response.canonical.rpartition("|")[2]
            found[name] = Consent(name, is_given, signature.signed_at, number)
    return list(found.values())


def is_consent_asked() -> bool:
    """Whether the clinic gives patients a form of consents now."""
    return bool(list_given(names=[CONSENTS_FORM]))


def has_consent(*, patient: str, name: str) -> bool:
    """Whether the newest signed answer of a patient to this page is yes (``telehealth``...)."""
    return any(one.name == name and one.is_given for one in list_consents(patient=patient))


def _rows() -> Iterator[Any]:
    """A signature is proven for the record that it was given for: the response's, or one that was
    merged into it since."""
    wanted = (
        select(Signature, ResponseVersion, Response, Patient.public_id)
        .select_from(ResponseVersion)
        .outerjoin(Signature, Signature.response_version_id == ResponseVersion.id)
        .join(Response, Response.id == ResponseVersion.response_id)
        .outerjoin(
            PatientMerge,
            and_(
                PatientMerge.gone_id == Signature.patient_id,
                PatientMerge.leads_to_id == Response.patient_id,
                PatientMerge.undone_at.is_(None),
            ),
        )
        .join(Patient, Patient.id == func.coalesce(PatientMerge.gone_id, Response.patient_id))
        .order_by(ResponseVersion.id)
        .execution_options(yield_per=200)
    )
    with db.session.execute(wanted) as rows:
        yield from rows


def _version_fault(version: ResponseVersion, response: Response) -> str | None:
    try:
        body = read_json(data=(version.answers or "").encode())
    except CannotOpen:
        return f"version {version.number} of response {response.public_id} does not open"
    if digest(response=body) != version.sha256:
        return f"version {version.number} of response {response.public_id} was changed"
    return None


def _fault(
    row: Signature,
    version: ResponseVersion,
    response: Response,
    patient: str,
    definitions: dict[int, str],
) -> str | None:
    named = f"signature {row.public_id}"
    try:
        signed = signed_of(row, response=response, version=version, patient=patient)
        proof = prove(signed=signed, key_name=row.key_name)
    except CannotOpen as error:
        return f"{named}: {error}"
    if not hmac.compare_digest(proof, row.proof):
        return f"{named} was changed, or stands for something else"
    if row.answers_sha256 != version.sha256:
        return f"{named} is not of these answers"
    if _definition(response.questionnaire_version_id, definitions) != row.definition_sha256:
        return f"{named}: the form that was signed was changed"
    shown = digest_of_shown(
        definition=row.definition_sha256,
        answers=row.answers_sha256,
        language=signed.language,
        intent=signed.intent,
    )
    return None if shown == row.shown_sha256 else f"{named} is not of what was shown"


def _missing(version: ResponseVersion, response: Response) -> str | None:
    questionnaire = db.session.get_one(QuestionnaireVersion, response.questionnaire_version_id)
    if version.status == "stopped" or not needs_signature(form=form_of(questionnaire)):
        return None
    return f"the signature of response {response.public_id} is missing"


def _definition(ident: int, known: dict[int, str]) -> str:
    """The digest of a definition as it stands in the database now."""
    if ident not in known:
        wanted = select(QuestionnaireVersion.definition).where(QuestionnaireVersion.id == ident)
        text = db.session.scalars(wanted).one()
        known[ident] = hashlib.sha256(text.encode()).hexdigest()
    return known[ident]
