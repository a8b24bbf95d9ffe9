"""Alerts and notes of a patient, and of one of the visits."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Invalid
from clinic.desk.forms.record import NoteForm, RewordForm
from clinic.desk.presenters.record import PATIENTS
from clinic.desk.views.blueprint import DESK, blueprint
from clinic.desk.views.record import ONE, record_page
from clinic.people.operations.notes import NoteGone, add_note, remove_note, reword_note
from clinic.people.queries.records import get_note
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor


@blueprint.post(f"{ONE}/notes")
@allow(*DESK)
def note_patient(patient: str) -> ResponseReturnValue:
    """Keep an alert or a note, about the patient or one of the visits."""
    form = NoteForm()
    if not form.validate():
        return record_page(patient, note=form, status=422)
    try:
        add_note(
            patient=read_public_id(patient),
            kind=form.kind.data,
            words=form.words.data or "",
            about=form.visit,
            actor=current_actor(),
            now=now(),
        )
    except Invalid as refusal:
        form.words.errors = [_(line) for lines in refusal.errors.values() for line in lines]
        return record_page(patient, note=form, status=422)
    visit = (form.visit or "").removeprefix("appointment:")
    where = f"/desk/visits/{visit}" if visit else f"{PATIENTS}/{patient}"
    return redirect(f"{where}?done=noted", 303)


@blueprint.post(f"{ONE}/notes/<note>/remove")
@allow(*DESK)
def take_note_back(patient: str, note: str) -> ResponseReturnValue:
    """Show an alert or a note no more."""
    remove_note(
        patient=read_public_id(patient),
        note=read_public_id(note),
        actor=current_actor(),
        now=now(),
    )
    return redirect(f"{PATIENTS}/{patient}?done=note-removed", 303)


@blueprint.get(f"{ONE}/notes/<note>/reword")
@allow(*DESK)
def ask_words(patient: str, note: str) -> ResponseReturnValue:
    """An alert or a note with its words, to be put better."""
    found = get_note(patient=read_public_id(patient), note=read_public_id(note))
    record_look(
        action="patient.seen", actor=current_actor(), now=now(), subject=f"patient:{patient}"
    )
    return _words_page(patient, note, RewordForm(formdata=None, data={"words": found.words}))


@blueprint.post(f"{ONE}/notes/<note>/reword")
@allow(*DESK)
def reword(patient: str, note: str) -> ResponseReturnValue:
    """Keep the better words, or say what stands against them."""
    form = RewordForm()
    form.validate()
    try:
        reword_note(
            patient=read_public_id(patient),
            note=read_public_id(note),
            words=form.words.data or "",
            actor=current_actor(),
            now=now(),
        )
    except Invalid as refusal:
        form.words.errors = [_(line) for lines in refusal.errors.values() for line in lines]
        return _words_page(patient, note, form, status=422)
    except NoteGone as refusal:
        return record_page(patient, words=_(refusal.message), status=refusal.status)
    return redirect(f"{PATIENTS}/{patient}?done=reworded", 303)


def _words_page(
    patient: str, note: str, form: RewordForm, *, status: int = 200
) -> ResponseReturnValue:
    path = f"{PATIENTS}/{read_public_id(patient)}"
    action = f"{path}/notes/{read_public_id(note)}/reword"
    return render_template("desk/record_reword.html", form=form, path=path, action=action), status
