"""A document as staff read it. Patients read theirs where the slice above shows them."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.core.values import Role
from clinic.documents.queries import get_document, read_document
from clinic.documents.rules import READERS
from clinic.web.access import allow, current_actor
from clinic.web.downloads import private_file

blueprint = Blueprint("documents", __name__)


@blueprint.get("/desk/documents/<public_id>")
@allow(Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN, Role.GAIT_LAB)
def desk_document(public_id: str) -> ResponseReturnValue:
    """The file; one of a kind that this role does not read looks like none at all."""
    document, actor = get_document(public_id=public_id), current_actor()
    if actor.role not in READERS[document.kind]:
        raise NotFound
    content = read_document(document=document)
    record_look(
        action="document.read",
        actor=actor,
        now=now(),
        subject=f"patient:{document.patient}",
        details={"document": document.public_id, "kind": document.kind.value},
    )
    return private_file(
        content,
        name=document.name,
        media_type=document.media_type.value,
        size=document.size,
        inline=True,
    )
