"""A signature binds who signs to exactly what was shown and answered."""

from dataclasses import dataclass
from datetime import datetime

from clinic.core import audit
from clinic.core.db import db
from clinic.core.errors import Refusal
from clinic.core.rows import store
from clinic.intake.models import QuestionnaireVersion, Response, ResponseVersion, Signature
from clinic.intake.queries.questionnaires import form_of
from clinic.intake.queries.signatures import active_key, prove, signed_of
from clinic.intake.rules.form import Form
from clinic.intake.rules.parties import Author, Source, age_on
from clinic.intake.rules.reading import read_json
from clinic.intake.rules.signed import agreements, digest_of_shown
from clinic.intake.rules.signed import needs_signature as is_signed
from clinic.people.models import Patient

SHORTEST_NAME = 2
LONGEST_NAME = 120
LONGEST_INTENT = 500
OF_AGE = 18
ON_SCREEN = "electronic"
"""The page of the consents that agrees to signing on a screen at all."""


class SignatureMissing(Refusal):
    """The form is signed when it is handed in: a typed name, and the box beside it."""

    code = "signature-missing"
    status = 422
    message = "Type your full name and tick the box to sign."


class GuardianSigns(Refusal):
    """Minors do not sign for themselves."""

    code = "guardian-signs"
    status = 422
    message = "A parent or guardian signs this form. Ask them to open it with you."


class ChildsName(Refusal):
    """A guardian's signature is the guardian's name, not that of the child."""

    code = "childs-name"
    status = 422
    message = "This is the child’s name. Who signs for a child types their own name."


class SignsOnPaper(Refusal):
    """Nobody signs on the screen who said in the same form that they do not want to."""

    code = "signs-on-paper"
    status = 422
    message = (
        "You chose not to sign on the screen. Change that answer to sign here, or ask our desk"
        " for paper. What you answered is kept."
    )


@dataclass(frozen=True, slots=True)
class SignatureGiven:
    """What the signer did: the name as typed, the sentence that was agreed to, and its language."""

    name: str
    intent: str
    language: str


def needs_signature(*, form: Form) -> bool:
    """Whether the answers to this form are signed; its check page asks."""
    return is_signed(form=form)


def sign(
    *,
    response: Response,
    version: ResponseVersion,
    signature: SignatureGiven | None,
    author: Author,
    now: datetime,
) -> None:
    """Sign what was handed in, inside its transaction.

    Forms that need none are left as they are. Raises SignatureMissing, SignsOnPaper, and for a
    minor GuardianSigns where they sign alone and ChildsName where somebody signs as them.
    """
    questionnaire = db.session.get_one(QuestionnaireVersion, response.questionnaire_version_id)
    form = form_of(questionnaire)
    if not is_signed(form=form):
        return
    given = _checked(signature)
    answered = read_json(data=(version.answers or "{}").encode())
    if agreements(form=form, response=answered).get(ON_SCREEN) is False:
        raise SignsOnPaper
    patient = db.session.get_one(Patient, response.patient_id)
    if age_on(birth_date=patient.birth_date, day=now.date()) < OF_AGE:
        _check_guardian(given.name, patient, author)
    row = Signature(
        response_version_id=version.id,
        patient_id=patient.id,
        language=given.language[:10],
        source=author.source.value,
        author=author.name[:200],
        signed_at=now,
        actor_kind=author.actor.kind,
        session=author.actor.session,
        definition_sha256=questionnaire.sha256,
        answers_sha256=version.sha256,
        shown_sha256=digest_of_shown(
            definition=questionnaire.sha256,
            answers=version.sha256,
            language=given.language,
            intent=given.intent,
        ),
        key_name=active_key(),
    )
    row.signer, row.intent = given.name, given.intent
    row.proof = prove(
        signed=signed_of(row, response=response, version=version, patient=patient.public_id),
        key_name=row.key_name,
    )
    store(row)
    audit.record(
        action="form.signed",
        actor=author.actor,
        now=now,
        subject=f"patient:{patient.public_id}",
        details={"form": response.public_id, "signature": row.public_id, "shown": row.shown_sha256},
    )


def _check_guardian(name: str, patient: Patient, author: Author) -> None:
    if author.source is Source.PATIENT:
        raise GuardianSigns
    child = f"{patient.given_name} {patient.family_name}"
    # A father may be called as his son is, and has said so before he signs.
    if _spelled(name) == _spelled(child) != _spelled(author.name):
        raise ChildsName


def _spelled(name: str) -> str:
    return " ".join(name.casefold().split())


def _checked(signature: SignatureGiven | None) -> SignatureGiven:
    name = " ".join(signature.name.split()) if signature is not None else ""
    if signature is None or not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise SignatureMissing
    if not signature.intent.strip() or len(signature.intent) > LONGEST_INTENT:
        raise SignatureMissing
    return SignatureGiven(name, signature.intent, signature.language)
