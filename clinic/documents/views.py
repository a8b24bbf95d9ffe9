"""Papers at the desk: kept, read by those who may read their kind, removed."""

import re

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import Role
from clinic.documents.forms import Given, PaperForm
from clinic.documents.operations import (
    NewDocument,
    name_document,
    open_document,
    remove_document,
    store_document,
)
from clinic.documents.presenters import present_papers
from clinic.documents.queries import (
    StoredDocument,
    get_document,
    list_patient_documents,
)
from clinic.documents.rules import READERS, Kind
from clinic.messaging.delivery import clinic_zone
from clinic.people.queries import get_patient
from clinic.web.access import allow, current_actor
from clinic.web.downloads import private_file
from clinic.web.uploads import takes_files

blueprint = Blueprint("documents", __name__)

DESK = (Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN)
PAPERS = "/desk/patients/<patient>/papers"
_VISIT = re.compile(r"visit:[A-Za-z0-9_-]{1,40}")


@blueprint.get("/desk/documents/<public_id>")
@allow(Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN, Role.GAIT_LAB)
def desk_document(public_id: str) -> ResponseReturnValue:
    """The file; one of a kind that this role does not read looks like none at all."""
    document = _readable(public_id)
    content = open_document(document=document, actor=current_actor(), now=now())
    return private_file(
        content,
        name=document.name,
        media_type=document.served_as,
        size=document.size,
        inline=True,
    )


@blueprint.post("/desk/documents/<public_id>/remove")
@allow(*DESK)
def remove_desk_document(public_id: str) -> ResponseReturnValue:
    """Forget a file that stands with the wrong patient, or is not needed."""
    document = _readable(public_id)
    remove_document(public_id=public_id, actor=current_actor(), now=now())
    return redirect(f"/desk/patients/{document.patient}/papers?done=removed", 303)


@blueprint.get(PAPERS)
@allow(*DESK)
def papers(patient: str) -> ResponseReturnValue:
    """A patient's papers of the kinds that this role reads, and the way to add one."""
    return _page(patient, PaperForm(formdata=None))


@blueprint.post(PAPERS)
@allow(*DESK)
@takes_files
def keep_paper(patient: str) -> ResponseReturnValue:
    """Keep a file; what cannot be kept is told beside its field."""
    form = PaperForm().offer(_kinds())
    given = form.read()
    if given is None:
        return _page(patient, form), 422
    try:
        kept = _keep(patient, given)
    except NotFound:
        raise
    except Refusal as refusal:
        form.file.errors = [_(refusal.message)]
        return _page(patient, form), refusal.status
    if given.kind is None:
        return _page(patient, form, kept), 422
    return redirect(f"/desk/patients/{patient}/papers?done=kept", 303)


def _keep(patient: str, given: Given) -> str:
    """Keep what came; a file of which nobody said what it is stays, and can be named within the
    hour. Answers its public id."""
    if given.kept:
        if given.kind is not None:
            name_document(
                public_id=given.kept,
                patient=patient,
                kind=given.kind,
                actor=current_actor(),
                now=now(),
            )
        return given.kept
    new = NewDocument(
        patient=patient,
        kind=given.kind or Kind.OTHER,
        about=_visit() or f"patient:{patient}",
        name=given.name,
        content=given.content,
    )
    return store_document(new=new, actor=current_actor(), now=now())


def _page(patient: str, form: PaperForm, kept: str = "") -> str:
    person = get_patient(public_id=patient)
    record_look(
        action="documents.listed",
        actor=current_actor(),
        now=now(),
        subject=f"patient:{person.public_id}",
    )
    shown = [one for one in list_patient_documents(patient=patient) if one.kind in _kinds()]
    return render_template(
        "documents/papers.html",
        name=f"{person.given_name} {person.family_name}",
        path=f"/desk/patients/{person.public_id}/papers",
        lines=present_papers(papers=shown, zone=clinic_zone()),
        form=form.offer(_kinds()),
        about=_visit(),
        kept=kept,
    )


def _visit() -> str:
    """The visit that a paper belongs to, where one was named."""
    about = request.args.get("about", "")
    return about if _VISIT.fullmatch(about) else ""


def _kinds() -> tuple[Kind, ...]:
    """The kinds that the caller's role reads."""
    return tuple(kind for kind in Kind if current_actor().role in READERS[kind])


def _readable(public_id: str) -> StoredDocument:
    document = get_document(public_id=public_id)
    if current_actor().role not in READERS[document.kind]:
        raise NotFound
    return document
