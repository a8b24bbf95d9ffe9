"""The audit trail for auditors and managers. Whoever looks at it leaves an entry in it."""

from collections.abc import Iterable

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from clinic.core.audit import AuditEntry, record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.core.values import Role
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.week_address import read_public_id
from clinic.trail import queries
from clinic.trail.forms import FindPatientForm, read_asked
from clinic.trail.presenters.entries import subjects_of
from clinic.trail.presenters.files import csv_lines, json_lines
from clinic.trail.presenters.pages import (
    TrailView,
    patients_named,
    present_found,
    present_session,
    present_trail,
)
from clinic.trail.rules import Asked
from clinic.web.access import allow, current_actor

blueprint = Blueprint("trail", __name__)

READERS = (Role.AUDITOR, Role.ADMIN)
MOST_SEEN = 500


@blueprint.get("/desk/audit")
@allow(*READERS)
def trail() -> ResponseReturnValue:
    """The entries that are asked for, the newest first."""
    page = _trail(read_asked(request.args))
    return render_template("trail/trail.html", page=page, form=FindPatientForm(formdata=None))


@blueprint.post("/desk/audit/patients")
@allow(*READERS)
def find_patient() -> ResponseReturnValue:
    """Patients by name, each with the way to all entries about them."""
    form = FindPatientForm()
    if not form.validate():
        return render_template("trail/found.html", form=form, people=()), 422
    people = queries.list_patients_named(name=form.name.data)
    seen = [f"patient:{one.public_id}" for one in people]
    record_look(action="audit.searched", actor=current_actor(), now=now(), seen=seen)
    return render_template("trail/found.html", form=form, people=present_found(people))


@blueprint.get("/desk/audit/sessions/<session>")
@allow(*READERS)
def show_session(session: str) -> ResponseReturnValue:
    """Who used a session from when to when, whom it showed, and all that went through it."""
    asked = read_asked(request.args, session=read_public_id(session))
    facts = queries.find_session_facts(session=session)
    if facts is None:
        raise NotFound
    zone = get_setting().zone
    page = queries.list_entries(asked=Asked(session=session, after=asked.after), zone=zone)
    seen = queries.list_seen_through(session=session, limit=MOST_SEEN)
    names = queries.find_names(subjects={*subjects_of(page.entries), *seen})
    shown = {f"patient:{one.patient}" for one in names.values() if one.patient}
    _note("audit.looked", asked, subject=f"session:{session}", seen=shown)
    view = present_session(
        asked=asked, facts=facts, page=page, names=names, seen=seen, most_seen=MOST_SEEN, zone=zone
    )
    return render_template("trail/show_session.html", page=view)


@blueprint.get("/desk/audit/export.csv")
@allow(*READERS)
def export_csv() -> Response:
    """The entries that are asked for as a table, the newest first."""
    lines = csv_lines(_exported(read_asked(request.args)))
    return _file(lines, "text/csv", "audit-trail.csv")


@blueprint.get("/desk/audit/export.jsonl")
@allow(*READERS)
def export_lines() -> Response:
    """The same, one JSON object a line."""
    lines = json_lines(_exported(read_asked(request.args)))
    return _file(lines, "application/jsonl", "audit-trail.jsonl")


def _trail(asked: Asked) -> TrailView:
    zone = get_setting().zone
    patient = queries.get_patient_name(public_id=asked.patient) if asked.patient else ""
    page = queries.list_entries(asked=asked, zone=zone)
    names = queries.find_names(subjects=subjects_of(page.entries))
    about = f"patient:{asked.patient}" if asked.patient else None
    _note("audit.looked", asked, subject=about, seen=patients_named(page.entries, names))
    return present_trail(
        asked=asked,
        page=page,
        names=names,
        chain=queries.get_chain_state(),
        doers=queries.list_doers(),
        actions=queries.list_actions(),
        patient=patient,
        zone=zone,
    )


def _exported(asked: Asked) -> Iterable[AuditEntry]:
    about = f"patient:{asked.patient}" if asked.patient else None
    _note("audit.exported", asked, subject=about)
    return queries.iterate_entries(asked=asked.from_the_newest(), zone=get_setting().zone)


def _note(action: str, asked: Asked, *, subject: str | None, seen: Iterable[str] = ()) -> None:
    record_look(
        action=action,
        actor=current_actor(),
        now=now(),
        subject=subject,
        details=asked.parameters(),
        seen=seen,
    )


def _file(lines: Iterable[str], mimetype: str, name: str) -> Response:
    """Sent while it is read: a long trail takes no more memory than a short one."""
    answer = Response(stream_with_context(iter(lines)), mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
