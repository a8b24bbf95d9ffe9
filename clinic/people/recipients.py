"""To whom a message about a patient goes."""

from clinic.messaging.rules import Recipient
from clinic.people.models import Patient


def recipient_of(
    person: Patient, *, email: str = "", phone: str = "", language: str = "en"
) -> Recipient:
    """A patient's message to an address or a number: greeted by the patient's name, whoever reads
    it, and kept beside the patient."""
    return Recipient(
        name=f"{person.given_name} {person.family_name}",
        email=email,
        phone=phone,
        language=language,
        patient=person.public_id,
    )
