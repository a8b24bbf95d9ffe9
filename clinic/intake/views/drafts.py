"""A form changed field by field: a version is copied into a draft, the draft page by page."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.intake.forms.editing import CopyForm, read_edit
from clinic.intake.operations.drafts import change_draft, copy_version
from clinic.intake.operations.questionnaires import DefinitionRefused
from clinic.intake.presenters.editing import present_edit
from clinic.intake.presenters.manager import PATH, issue_lines
from clinic.intake.queries.questionnaires import form_of, get_version
from clinic.intake.rules.editing import Edited, editable_items
from clinic.intake.rules.form import Form
from clinic.intake.rules.sections import Section, sections_of
from clinic.intake.views.blueprint import blueprint
from clinic.intake.views.manager import MANAGERS, ONE
from clinic.web.access import allow, current_actor


@blueprint.get(f"{ONE}/copy")
@allow(*MANAGERS)
def copy_questionnaire(version: str) -> ResponseReturnValue:
    """Ask what the copy is called, and why it is made."""
    return _copy_page(version, CopyForm(formdata=None))


@blueprint.post(f"{ONE}/copy")
@allow(*MANAGERS)
def make_copy(version: str) -> ResponseReturnValue:
    """A draft with the same text; on to its fields."""
    form = CopyForm()
    if not form.validate():
        return _copy_page(version, form), 422
    try:
        made = copy_version(
            public_id=version,
            version=str(form.version.data).strip(),
            reason=str(form.reason.data).strip(),
            actor=current_actor(),
            now=now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form.version.errors = [_(refusal.message)]
        return _copy_page(version, form), refusal.status
    return redirect(f"{PATH}/{made}/edit/1?done=copied", 303)


@blueprint.get(f"{ONE}/edit/<int:number>")
@allow(*MANAGERS)
def edit_questionnaire(version: str, number: int) -> ResponseReturnValue:
    """A page of a draft with its texts, order and options in fields."""
    found = get_version(public_id=version)
    if found.status != "draft":
        return redirect(f"{PATH}/{version}", 303)
    return _edit_page(version, number)


@blueprint.post(f"{ONE}/edit/<int:number>")
@allow(*MANAGERS)
def keep_edited(version: str, number: int) -> ResponseReturnValue:
    """Write the page into the draft; what would not hold together is told and changes nothing."""
    form = form_of(get_version(public_id=version))
    items = editable_items(section=_section(form, number))
    edited = read_edit(form=form, items=items, values=request.form)
    if edited.wrong:
        return _edit_page(version, number, edited, is_seen=False), 422
    try:
        change_draft(
            public_id=version,
            sha256=request.form.get("looked_at", ""),
            changes=edited.changes,
            actor=current_actor(),
            now=now(),
        )
    except NotFound:
        raise
    except DefinitionRefused as refusal:
        lines = issue_lines(refusal.issues)
        page = _edit_page(version, number, edited, _(refusal.message), lines, is_seen=False)
        return page, 422
    except Refusal as refusal:
        return _edit_page(version, number, edited, _(refusal.message)), 409
    return redirect(f"{PATH}/{version}?page={number}&done=saved", 303)


def _section(form: Form, number: int) -> Section:
    found = next((one for one in sections_of(form=form) if one.number == number), None)
    if found is None:
        raise NotFound
    return found


def _copy_page(version: str, form: CopyForm) -> str:
    found = get_version(public_id=version)
    return render_template(
        "intake/copy_questionnaire.html",
        form=form,
        title=found.title,
        version=found.version,
        path=f"{PATH}/{version}",
    )


def _edit_page(
    version: str,
    number: int,
    edited: Edited | None = None,
    notice: str = "",
    lines: tuple[str, ...] = (),
    *,
    is_seen: bool = True,
) -> str:
    found = get_version(public_id=version)
    form = form_of(found)
    items = editable_items(section=_section(form, number))
    rows, errors = present_edit(items=items, edited=edited)
    return render_template(
        "intake/edit_questionnaire.html",
        form=found,
        looked_at=found.sha256 if is_seen else request.form.get("looked_at", ""),
        path=f"{PATH}/{version}",
        pages=[(one.number, one.title) for one in sections_of(form=form)],
        section=number,
        rows=rows,
        errors=errors,
        notice=notice,
        lines=lines,
    )
