"""Photos and reports that go with a form: cards, referrals, reports of scans."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import Actor
from clinic.documents.operations import NewDocument, name_document, store_document
from clinic.documents.queries import list_patient_documents
from clinic.documents.rules import Kind
from clinic.intake.forms.papers import KINDS, OwnPaperForm, Paper
from clinic.intake.presenters.forms import form_path
from clinic.intake.queries.responses import AssignedForm
from clinic.intake.views.blueprint import blueprint
from clinic.intake.views.ground import FORM, note_look, opened
from clinic.intake.views.openers import Opener
from clinic.messaging.delivery import clinic_zone
from clinic.web.access import public
from clinic.web.filters import local_date
from clinic.web.uploads import takes_files


@blueprint.get(f"{FORM}/papers")
@public
@opened
def own_papers(assigned: AssignedForm, opener: Opener) -> ResponseReturnValue:
    """What was handed in, and the way to add more."""
    note_look(assigned, opener)
    return _page(assigned, opener, OwnPaperForm(formdata=None))


@blueprint.post(f"{FORM}/papers")
@public
@takes_files
@opened
def hand_paper_in(assigned: AssignedForm, opener: Opener) -> ResponseReturnValue:
    """Keep a photo or a report; what cannot be kept is told beside its field."""
    form = OwnPaperForm()
    given = form.read()
    if given is None:
        return _page(assigned, opener, form), 422
    try:
        kept = _keep(assigned.patient.public_id, given, opener.author.actor)
    except NotFound:
        raise
    except Refusal as refusal:
        form.file.errors = [_(refusal.message)]
        return _page(assigned, opener, form), refusal.status
    if given.kind is None:
        return _page(assigned, opener, form, kept), 422
    return redirect(f"{form_path(assigned.assignment.public_id)}/papers", 303)


def _keep(patient: str, given: Paper, actor: Actor) -> str:
    """Keep what came; a file of which nobody said what it is stays, and can be named within the
    hour. Answers its public id."""
    if given.kept:
        if given.kind is not None:
            name_document(
                public_id=given.kept, patient=patient, kind=given.kind, actor=actor, now=now()
            )
        return given.kept
    new = NewDocument(
        patient=patient,
        kind=given.kind or Kind.OTHER,
        about=f"patient:{patient}",
        name=given.name,
        content=given.content,
    )
    return store_document(new=new, actor=actor, now=now())


def _page(assigned: AssignedForm, opener: Opener, form: OwnPaperForm, kept: str = "") -> str:
    words = {str(one.value): str(one.label) for one in KINDS}
    lines = [
        (words.get(one.kind.value, ""), one.name, local_date(one.added_at, zone=clinic_zone()))
        for one in list_patient_documents(patient=assigned.patient.public_id)
        if one.by_patient
    ]
    return render_template(
        "intake/papers.html",
        opener=opener,
        form=form,
        lines=lines,
        kept=kept,
        path=form_path(assigned.assignment.public_id),
    )
