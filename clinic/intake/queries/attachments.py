"""The files that patients handed in themselves, as answers name them."""

from typing import Any

from clinic.documents.queries import StoredDocument, list_patient_documents

DOCUMENTS = "/desk/documents"


def list_attachments(*, patient: str) -> dict[str, dict[str, Any]]:
    """A patient's (public id) own files that are still there, as FHIR Attachments by public id."""
    return {
        one.public_id: as_attachment(one)
        for one in list_patient_documents(patient=patient)
        if one.by_patient
    }


def as_attachment(one: StoredDocument) -> dict[str, Any]:
    """A kept file as FHIR R4 has it; the address is for those who may read its kind."""
    return {
        "contentType": one.media_type.value,
        "url": f"{DOCUMENTS}/{one.public_id}",
        "size": one.size,
        "title": one.name,
        "creation": one.added_at.isoformat().replace("+00:00", "Z"),
    }
