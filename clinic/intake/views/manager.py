"""Forms as data, for managers: taken in, looked at, given to patients, retired, changed."""

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import Role
from clinic.intake.forms.manager import ImportForm, TextForm
from clinic.intake.operations.questionnaires import (
    DefinitionRefused,
    activate_version,
    import_questionnaire,
    retire_version,
)
from clinic.intake.presenters.block import Drawing
from clinic.intake.presenters.blocks import present_blocks
from clinic.intake.presenters.manager import PATH, issue_lines, present_forms
from clinic.intake.queries.questionnaires import (
    form_of,
    get_version,
    list_questionnaires,
    list_versions,
)
from clinic.intake.queries.status import count_unbegun
from clinic.intake.rules.reading import read_json, write_json
from clinic.intake.rules.sections import sections_of
from clinic.intake.rules.working import state_of
from clinic.intake.views.asking import who_asks
from clinic.intake.views.blueprint import blueprint
from clinic.messaging.delivery import clinic_zone
from clinic.web.access import allow, current_actor
from clinic.web.uploads import takes_files

MANAGERS = (Role.ADMIN,)
ONE = f"{PATH}/<version>"


@blueprint.get(PATH)
@allow(*MANAGERS)
def questionnaires() -> ResponseReturnValue:
    """Every form with its versions, and the way to take another one in."""
    return _list(ImportForm(formdata=None))


@blueprint.post(PATH)
@allow(*MANAGERS)
@takes_files
def take_questionnaire_in() -> ResponseReturnValue:
    """Take a definition in as a draft; one with errors changes nothing and is told of."""
    form = ImportForm()
    raw = form.read()
    if raw is None:
        return _list(form), 422
    try:
        made = import_questionnaire(
            raw=raw, actor=current_actor(), now=now(), reason=str(form.reason.data or "") or None
        )
    except DefinitionRefused as refusal:
        return _list(form, notice=_(refusal.message), lines=issue_lines(refusal.issues)), 422
    except Refusal as refusal:
        return _list(form, notice=_(refusal.message)), refusal.status
    return redirect(f"{PATH}/{made.public_id}?done=draft", 303)


@blueprint.get(ONE)
@allow(*MANAGERS)
def questionnaire(version: str) -> ResponseReturnValue:
    """A version as patients see it, page by page, in the width of a phone."""
    return _preview(version)


@blueprint.post(f"{ONE}/activate")
@allow(*MANAGERS)
def activate_questionnaire(version: str) -> ResponseReturnValue:
    """Give it to patients from now on."""
    try:
        activate_version(public_id=version, actor=current_actor(), now=now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _preview(version, notice=_(refusal.message)), refusal.status
    return redirect(f"{PATH}?done=given", 303)


@blueprint.post(f"{ONE}/retire")
@allow(*MANAGERS)
def retire_questionnaire(version: str) -> ResponseReturnValue:
    """Give it to nobody any more; what was begun on it is finished on it."""
    try:
        retire_version(public_id=version, actor=current_actor(), now=now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _preview(version, notice=_(refusal.message)), refusal.status
    return redirect(f"{PATH}?done=retired", 303)


@blueprint.get(f"{ONE}/file")
@allow(*MANAGERS)
def questionnaire_file(version: str) -> ResponseReturnValue:
    """The definition as a file."""
    found = get_version(public_id=version)
    answer = Response(found.definition, mimetype="application/fhir+json")
    answer.headers["Content-Disposition"] = 'attachment; filename="questionnaire.json"'
    return answer


@blueprint.get(f"{ONE}/change")
@allow(*MANAGERS)
def change_questionnaire(version: str) -> ResponseReturnValue:
    """A copy of the version to be changed into another one."""
    found = get_version(public_id=version)
    text = write_json(read_json(data=found.definition.encode()))
    form = TextForm(formdata=None, data={"definition": text, "version": ""})
    return _change_page(version, form)


@blueprint.post(f"{ONE}/change")
@allow(*MANAGERS)
def keep_changed_questionnaire(version: str) -> ResponseReturnValue:
    """Take the changed copy in as a draft, checked as every definition is."""
    get_version(public_id=version)
    form = TextForm()
    raw = form.read()
    if raw is None:
        return _change_page(version, form), 422
    try:
        made = import_questionnaire(
            raw=raw, actor=current_actor(), now=now(), reason=str(form.reason.data)
        )
    except DefinitionRefused as refusal:
        return _change_page(version, form, lines=issue_lines(refusal.issues)), 422
    except Refusal as refusal:
        return _change_page(version, form, notice=_(refusal.message)), refusal.status
    return redirect(f"{PATH}/{made.public_id}?done=draft", 303)


def _list(form: ImportForm, notice: str = "", lines: tuple[str, ...] = ()) -> str:
    rows = present_forms(
        forms=list_questionnaires(), versions=list_versions(), askers=who_asks(), zone=clinic_zone()
    )
    return render_template(
        "intake/questionnaires.html", rows=rows, form=form, notice=notice, lines=lines
    )


def _preview(version: str, notice: str = "") -> str:
    found = get_version(public_id=version)
    form = form_of(found)
    sections = sections_of(form=form)
    wanted = request.args.get("page", "1")
    section = next((one for one in sections if str(one.number) == wanted), sections[0])
    drawing = Drawing(form=form, state=state_of(form=form, answers={}))
    return render_template(
        "intake/questionnaire.html",
        version=found.version,
        title=found.title,
        status=found.status,
        path=f"{PATH}/{version}",
        pages=[(one.number, one.title) for one in sections],
        section=section.number,
        section_title=section.title,
        blocks=present_blocks(drawing=drawing, items=section.items),
        waiting=count_unbegun(questionnaire_id=found.questionnaire_id)
        if found.status == "active"
        else 0,
        notice=notice,
    )


def _change_page(
    version: str, form: TextForm, notice: str = "", lines: tuple[str, ...] = ()
) -> str:
    found = get_version(public_id=version)
    return render_template(
        "intake/change_questionnaire.html",
        form=form,
        title=found.title,
        version=found.version,
        path=f"{PATH}/{version}",
        notice=notice,
        lines=lines,
    )
