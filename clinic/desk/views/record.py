"""A patient's record at the desk. Every look is put on record; what a role may not see is not
read."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import Role
from clinic.desk.forms.record import CorrectionForm, NoteForm, read_before
from clinic.desk.forms.referral import ReferralForm
from clinic.desk.presenters.record import (
    PATIENTS,
    present_history,
    present_record,
)
from clinic.desk.queries.record import Parts, get_history, get_record
from clinic.desk.rules.record import kinds_read_by
from clinic.desk.views.blueprint import DESK, blueprint
from clinic.people.operations.records import correct_patient
from clinic.people.queries import get_patient
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor
from clinic.web.navigation import may_open

ONE = f"{PATIENTS}/<patient>"
RECORD_KEEPERS = (Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN)


@blueprint.get(ONE)
@allow(*DESK)
def patient_record(patient: str) -> ResponseReturnValue:
    """Everything the desk may know of a patient, each list with its newest lines.

    The address of a record that was merged leads to the one that was kept.
    """
    return record_page(patient)


@blueprint.get(f"{ONE}/visits")
@allow(*DESK)
def patient_visits(patient: str) -> ResponseReturnValue:
    """All visits that are over, a page at a time."""
    before = read_before(request.args.get("before", ""))
    found = get_history(public_id=read_public_id(patient), before=before, now=now())
    _look(found.patient.public_id)
    return render_template("desk/record_visits.html", page=present_history(found))


@blueprint.get(f"{ONE}/correct")
@allow(*RECORD_KEEPERS)
def ask_correction(patient: str) -> ResponseReturnValue:
    """The names, the birth date and the contact, to be corrected."""
    person = get_patient(public_id=read_public_id(patient))
    _look(person.public_id)
    return _correction_page(patient, CorrectionForm.of(person))


@blueprint.post(f"{ONE}/correct")
@allow(*RECORD_KEEPERS)
def correct(patient: str) -> ResponseReturnValue:
    """Keep what was corrected, or say what stands against it."""
    form, at = CorrectionForm(), now()
    details = form.read(today=clinic_date(at))
    if details is None:
        return _correction_page(patient, form, status=422)
    try:
        correct_patient(
            patient=read_public_id(patient),
            details=details,
            looked_at=form.looked_at.data or "",
            actor=current_actor(),
            now=at,
        )
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _correction_page(patient, form, words=_(refusal.message), status=refusal.status)
    return redirect(f"{PATIENTS}/{patient}?done=corrected", 303)


def record_page(
    patient: str,
    *,
    note: NoteForm | None = None,
    referral: ReferralForm | None = None,
    words: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """The record, with what is being typed, and why something was not done."""
    at, role, setting = now(), current_actor().role, get_setting()
    found = get_record(
        public_id=read_public_id(patient), parts=_parts(role), setting=setting, now=at
    )
    if found.patient.public_id != patient:
        return redirect(f"{PATIENTS}/{found.patient.public_id}", 303)
    _look(found.patient.public_id)
    view = present_record(record=found, zone=setting.zone, now=at, may_open=may_open)
    return render_template(
        "desk/record.html",
        page=view,
        note=note or NoteForm(formdata=None),
        referral=referral or ReferralForm(formdata=None),
        words=words,
        may_correct=may_open(f"{view.path}/correct"),
        may_merge=may_open(f"{view.path}/merge"),
    ), status


def _correction_page(
    patient: str, form: CorrectionForm, *, words: str = "", status: int = 200
) -> ResponseReturnValue:
    path = f"{PATIENTS}/{read_public_id(patient)}"
    return render_template("desk/record_correct.html", form=form, path=path, words=words), status


def _parts(role: Role | None) -> Parts:
    """What this role sees: as much as the pages behind the parts would show it."""
    return Parts(
        with_forms=may_open(f"{PATIENTS}/x/forms"),
        with_money=may_open("/desk/orders"),
        with_messages=may_open("/desk/messages"),
        with_requests=may_open("/desk/requests"),
        kinds=kinds_read_by(role),
    )


def _look(patient: str) -> None:
    record_look(
        action="patient.seen", actor=current_actor(), now=now(), subject=f"patient:{patient}"
    )
