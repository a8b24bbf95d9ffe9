"""Records that may be one person: the queue, two side by side, the merge and its undo."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.core.values import Role
from clinic.desk.forms.merging import ApartForm, MergeForm, OtherForm
from clinic.desk.operations.merging import merge_patients, stand_as, undo_merge
from clinic.desk.presenters.merging import present_compared, present_doubles, present_others
from clinic.desk.presenters.record import PATIENTS
from clinic.desk.queries.merging import compare_records, list_doubles
from clinic.desk.views.blueprint import blueprint
from clinic.desk.views.record import record_page
from clinic.people.operations.doubles import tell_apart
from clinic.people.queries import get_patient, search_patients
from clinic.people.rules.searching import read_asked
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor

MERGERS = (Role.ADMIN, Role.FRONT_DESK)
QUEUE = "/desk/duplicates"
ONE = f"{PATIENTS}/<patient>/merge"
TWO = f"{ONE}/<other>"


@blueprint.get(QUEUE)
@allow(*MERGERS)
def duplicates() -> ResponseReturnValue:
    """Pairs of records that may be one person and that nobody has looked at."""
    pairs = list_doubles()
    rows = present_doubles(pairs, zone=get_setting().zone)
    _look("desk.doubles-listed", *(one for row in rows for one in row.pair))
    return render_template("desk/duplicates.html", rows=rows, form=ApartForm(formdata=None))


@blueprint.post(QUEUE)
@allow(*MERGERS)
def not_one_person() -> ResponseReturnValue:
    """Note that two records are two people; they are not suggested again."""
    form = ApartForm()
    pair = form.pair if form.validate() else None
    if pair is None:
        raise Invalid({"first": [_("Choose two records.")]})
    tell_apart(first=pair[0], second=pair[1], actor=current_actor(), now=now())
    return redirect(f"{QUEUE}?done=apart", 303)


@blueprint.get(ONE)
@allow(*MERGERS)
def ask_other(patient: str) -> ResponseReturnValue:
    """Which other record is the same person: those suggested, and a search."""
    return _other_page(patient, OtherForm(formdata=None))


@blueprint.post(ONE)
@allow(*MERGERS)
def find_other(patient: str) -> ResponseReturnValue:
    """Records that what was typed may mean."""
    return _other_page(patient, OtherForm())


@blueprint.get(TWO)
@allow(*MERGERS)
def compare(patient: str, other: str) -> ResponseReturnValue:
    """Both records side by side, with what would be of one."""
    return _compare_page(patient, other, MergeForm(formdata=None))


@blueprint.post(TWO)
@allow(*MERGERS)
def merge(patient: str, other: str) -> ResponseReturnValue:
    """Make one record of the two, or say what stands against it."""
    form = MergeForm()
    if not form.validate():
        return _compare_page(patient, other, form, words=_("Choose for each line."), status=422)
    try:
        merge_patients(
            kept=read_public_id(patient),
            gone=read_public_id(other),
            from_gone=form.from_gone(),
            looked_at=form.looked_at.data or "",
            actor=current_actor(),
            now=now(),
        )
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _compare_page(patient, other, form, words=_(refusal.message), status=refusal.status)
    return redirect(f"{PATIENTS}/{patient}?done=merged#merged", 303)


@blueprint.post(f"{PATIENTS}/<patient>/merges/<merge>/undo")
@allow(*MERGERS)
def part(patient: str, merge: str) -> ResponseReturnValue:
    """Make two records of one again."""
    try:
        undo_merge(merge=read_public_id(merge), actor=current_actor(), now=now())
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        return record_page(patient, words=_(refusal.message), status=refusal.status)
    return redirect(f"{PATIENTS}/{patient}?done=parted", 303)


def _other_page(patient: str, form: OtherForm) -> ResponseReturnValue:
    person = get_patient(public_id=read_public_id(patient))
    found = search_patients(asked=read_asked(form.typed)) if form.typed else ()
    doubles = () if form.typed else list_doubles(patient_id=person.id)
    lines = present_others(found, patient=person, doubles=doubles)
    name, path = f"{person.given_name} {person.family_name}", f"{PATIENTS}/{person.public_id}"
    _look("desk.searched", person.public_id, *(one.public_id for one in found))
    return render_template("desk/merge_other.html", form=form, lines=lines, name=name, path=path)


def _compare_page(
    patient: str, other: str, form: MergeForm, *, words: str = "", status: int = 200
) -> ResponseReturnValue:
    kept = get_patient(public_id=read_public_id(patient))
    gone = get_patient(public_id=read_public_id(other))
    if kept.id == gone.id:
        return redirect(f"{PATIENTS}/{kept.public_id}", 303)
    form.looked_at.data = stand_as(kept, gone)
    page = present_compared(compare_records(kept=kept, gone=gone), takes_gone=form.from_gone())
    _look("desk.doubles-compared", page.first, page.second)
    return render_template("desk/merge.html", page=page, form=form, words=words), status


def _look(action: str, *patients: str) -> None:
    seen = [f"patient:{one}" for one in patients]
    record_look(action=action, actor=current_actor(), now=now(), seen=seen)
