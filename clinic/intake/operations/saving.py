"""Answers are saved: page by page, while somebody types, and at last as a whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from clinic.core.db import db, insert_later, transaction, update_later
from clinic.core.errors import NotFound
from clinic.core.rows import lock_row
from clinic.core.types import is_public_id, new_public_id
from clinic.intake.library import safety_rules
from clinic.intake.models import (
    FormAssignment,
    FormSession,
    QuestionnaireVersion,
    Response,
    ResponseChange,
)
from clinic.intake.operations.deeds import record_deed
from clinic.intake.operations.refusals import FormClosed, TooMuchText
from clinic.intake.operations.safety.raising import evaluate_safety
from clinic.intake.queries.links import FormVisitor
from clinic.intake.queries.questionnaires import form_of
from clinic.intake.queries.responses import AssignedForm, answers_of, is_safety_old, list_changes
from clinic.intake.queries.visiting import find_visit_to_save
from clinic.intake.rules.form import Form
from clinic.intake.rules.influence import decides_others, fires, may_touch
from clinic.intake.rules.merging import Merged, merge
from clinic.intake.rules.parties import Author, age_on
from clinic.intake.rules.reading import read_json, write_json
from clinic.intake.rules.sections import comes_first, removed_by
from clinic.intake.rules.state import State
from clinic.intake.rules.translation import languages_of, spoken
from clinic.intake.rules.working import Answers, canonical_of, state_of, write_answers
from clinic.people.models import Patient

LARGEST_ANSWERS = 512 * 1024
"""Characters of one response; a full intake of ours has some ten thousand."""

_CHANGES: Any = ResponseChange.__table__
_ADD_CHANGE = insert(_CHANGES).inline()
_RESPONSES: Any = Response.__table__
_KEEP_ANSWERS = update(_RESPONSES).where(_RESPONSES.c.id == bindparam("of"))
_SESSIONS: Any = FormSession.__table__
_SEE_SESSION = update(_SESSIONS).where(_SESSIONS.c.public_id == bindparam("of"))
_BEGUN = (
    select(Response, FormAssignment, QuestionnaireVersion, Patient)
    .select_from(Response)
    .join(FormAssignment, FormAssignment.id == Response.assignment_id)
    .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.questionnaire_version_id)
    .join(Patient, Patient.id == Response.patient_id)
    .where(FormAssignment.public_id == bindparam("assignment"))
    .with_for_update(of=(Response, FormAssignment))
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class PageSaved:
    """What came of a save.

    ``version`` is the response's new one. ``conflicts`` are linkIds that somebody else changed
    meanwhile: theirs was kept, the page's is not saved. ``removed`` are linkIds whose answers do
    not count any more. ``level`` is the highest level of a safety rule that fired anew, or None.
    ``is_calm``: certainly nothing of safety waits for whoever gave the answers. ``behind``: by
    linkId what the page shows as it was in an older version, because others changed it since.
    """

    response: str
    version: int
    changed: tuple[str, ...]
    conflicts: tuple[str, ...]
    removed: tuple[str, ...]
    level: str | None
    is_calm: bool = False
    behind: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser sends: the assignment, the form's version that it showed (public ids), the
    page's number, the version of the answers it was made from (0: none yet), and the answers of
    the questions it showed, by linkId; an empty list takes an answer back. ``language`` is the one
    the page was shown in, "" for the form's own: a response that this page begins keeps it."""

    assignment: str
    form: str
    section: int
    base: int
    answers: Mapping[str, list[Any]]
    is_whole: bool = True
    language: str = ""
    older: Mapping[str, int] = field(default_factory=dict)
    """By linkId what it shows of an older version than ``base``."""


ReadPage = Callable[[FormVisitor, AssignedForm], tuple[Page, Author] | None]
"""Reads what was sent over the form and its answers, and says who acts."""


@dataclass(frozen=True, slots=True)
class VisitSaved:
    """A page saved for the browser that a link let in: whose it is, and the form as it is now."""

    saved: PageSaved
    visitor: FormVisitor
    assigned: AssignedForm


@transaction
def save_page(*, page: Page, author: Author, now: datetime) -> PageSaved:
    """Save the answers of a page; the first save begins the response on the version it showed.

    What others changed meanwhile stays (see ``rules.merging``). Safety rules are asked at every
    save. ``is_whole`` is False for what is saved while somebody types: the page is not yet done.
    Raises NotFound, FormClosed and TooMuchText.
    """
    return _save(page, author, now, *_lock(page, now))


@transaction
def save_visit(*, token: str, assignment: str, read: ReadPage, now: datetime) -> VisitSaved | None:
    """Save a page of a form that was begun, for the browser that a link let in (``token``).

    Who it is, the form and its answers are asked for and locked at once, where one by one it is two
    transactions. ``read`` says what was sent and who acts, by what is locked; it may be asked more
    than once and touches nothing. None, and nothing is changed, where nobody is let in or ``read``
    answers None: then it is done one by one. Raises like ``save_page``, and what ``read`` raises.
    """
    found = find_visit_to_save(token=token, public_id=assignment, now=now)
    sent = read(found.visitor, found.assigned) if found is not None else None
    if found is None or sent is None:
        return None
    visitor, assigned = found.visitor, found.assigned
    page, author = sent
    response, version = assigned.response, assigned.version
    if response is None or version is None:
        raise RuntimeError("a form that was begun has a response and a version")
    _refuse_closed(assigned.assignment)
    if visitor.is_to_be_seen(now):
        update_later(_SEE_SESSION, {"of": visitor.session, "last_seen_at": now})
    saved = _save(page, author, now, response, version, assigned.patient, was_calm=found.is_calm)
    return VisitSaved(saved, visitor, assigned)


def _save(
    page: Page,
    author: Author,
    now: datetime,
    response: Response,
    version: QuestionnaireVersion,
    patient: Patient,
    *,
    was_calm: bool = False,
) -> PageSaved:
    form, stored = form_of(version), answers_of(response)
    _refuse_strangers(page.answers, form)
    merged = _merged(response, stored, page)
    seen = sorted({*response.seen, page.section}) if page.is_whole else list(response.seen)
    is_again = _is_asked_again(response, form, page, now)
    if not (merged.changes or is_again) and response.version and seen == response.seen:
        kept = response.version
        behind = _behind(merged, page)
        return PageSaved(response.public_id, kept, (), merged.conflicts, (), None, was_calm, behind)
    after = cache(partial(state_of, form=form, answers=merged.answers))
    removed = _removed(form, stored, merged, after)
    _write(response, patient, merged, page=page, seen=seen, author=author, now=now)
    level = None
    is_weighed = is_again or _concerns_safety(form, merged, after, patient, now)
    if is_weighed:
        level = evaluate_safety(
            response=response,
            state=after(),
            author=author,
            now=now,
            is_again=is_again,
            changed=merged.changes,
        )
    return PageSaved(
        response=response.public_id,
        version=response.version,
        changed=tuple(merged.changes),
        conflicts=merged.conflicts,
        removed=removed,
        level=level,
        is_calm=was_calm and not is_weighed,
        behind=_behind(merged, page),
    )


@transaction
def choose_language(*, response: str, language: str, now: datetime) -> None:
    """Fill a response in in another language from now on. What is open elsewhere is one version
    behind then, so nobody signs in one language what was shown in another.

    Raises NotFound, FormClosed, and NotFound for a language that the form has not every word of.
    """
    row = lock_row(Response, response)
    if row.status != "in-progress":
        raise FormClosed
    form = form_of(db.session.get_one(QuestionnaireVersion, row.questionnaire_version_id))
    if language not in languages_of(form=form, asked_by_rules=safety_rules().asked):
        raise NotFound
    if row.language != language:
        row.language, row.saved_at = language, now
        row.version += 1


def _lock(page: Page, now: datetime) -> tuple[Response, QuestionnaireVersion, Patient]:
    """The response with what it belongs to, locked; begun now where there is none.

    The response is locked before its assignment, as where it is handed in.
    """
    if not is_public_id(page.assignment):
        raise NotFound
    found = db.session.execute(_BEGUN, {"assignment": page.assignment}).one_or_none()
    if found is not None:
        response, assignment, version, patient = found
        _refuse_closed(assignment)
        return response, version, patient
    assignment = lock_row(FormAssignment, page.assignment)
    _refuse_closed(assignment)
    patient = db.session.get_one(Patient, assignment.patient_id)
    return *_open_response(assignment, page, now), patient


def _refuse_closed(assignment: FormAssignment) -> None:
    if assignment.done_at is not None or assignment.withdrawn_at is not None:
        raise FormClosed


def _open_response(
    assignment: FormAssignment, page: Page, now: datetime
) -> tuple[Response, QuestionnaireVersion]:
    """The response that somebody else began at this very moment, else a new one."""
    row = db.session.scalar(_response_of(assignment).with_for_update())
    if row is not None:
        return row, db.session.get_one(QuestionnaireVersion, row.questionnaire_version_id)
    version = db.session.scalar(_version_shown(assignment, page.form))
    if version is None:
        raise NotFound
    row = Response(
        assignment_id=assignment.id,
        patient_id=assignment.patient_id,
        questionnaire_version_id=version.id,
        canonical=canonical_of(form=form_of(version)),
        status="in-progress",
        version=0,
        language=(page.language or spoken(form=form_of(version)))[:10],
        section=page.section,
        seen=[],
        created_at=now,
        saved_at=now,
    )
    row.answers = "{}"
    db.session.add(row)
    db.session.flush()
    return row, version


def _response_of(assignment: FormAssignment) -> Select[Response]:
    return select(Response).where(Response.assignment_id == assignment.id)


def _version_shown(assignment: FormAssignment, public_id: str) -> Select[QuestionnaireVersion]:
    """What the page showed, also when another version was made active since; never a draft."""
    return select(QuestionnaireVersion).where(
        QuestionnaireVersion.public_id == public_id,
        QuestionnaireVersion.questionnaire_id == assignment.questionnaire_id,
        QuestionnaireVersion.status != "draft",
    )


def _refuse_strangers(given: Mapping[str, list[Any]], form: Form) -> None:
    if not given.keys() <= form.by_link.keys():
        raise NotFound


def _removed(
    form: Form, stored: Answers, merged: Merged, after: Callable[[], State]
) -> tuple[str, ...]:
    """The questions whose answers do not count any more; most answers decide about no others."""
    if not decides_others(form=form, changed=merged.changes):
        return ()
    before = state_of(form=form, answers=stored)
    return tuple(item.link_id for item in removed_by(before=before, after=after()))


def _is_asked_again(response: Response, form: Form, page: Page, now: datetime) -> bool:
    """Whether this page answers the safety questions anew, because the answers were too old.

    The same answers then are a save too: they are true today.
    """
    if not is_safety_old(response=response, form=form, now=now):
        return False
    first = comes_first(form=form, asked_by_rules=safety_rules().asked)
    return first is not None and first.number == page.section


def _concerns_safety(
    form: Form, merged: Merged, after: Callable[[], State], patient: Patient, now: datetime
) -> bool:
    """Whether a rule fires, or what rules look at may have changed since the save before.

    Everything else leaves the events as that save left them, so they need not be read.
    """
    rules = safety_rules()
    if may_touch(form=form, changed=merged.changes, questions=rules.asked):
        return True
    age = age_on(birth_date=patient.birth_date, day=now.date())
    return fires(rules=rules, form=form, answers=merged.answers, age=age, settle=after)


def _merged(response: Response, stored: Answers, page: Page) -> Merged:
    meanwhile: list[Mapping[str, Sequence[Any]]] = []
    since = min((page.base, *page.older.values()))
    if since < response.version:
        for change in list_changes(response_id=response.id, since=since):
            changes = read_json(data=(change.changes or "{}").encode())
            unseen = [one for one in changes if change.number > page.older.get(one, page.base)]
            meanwhile.append({link_id: changes[link_id] for link_id in unseen})
    return merge(stored=stored, given=page.answers, meanwhile=meanwhile)


def _behind(merged: Merged, page: Page) -> dict[str, int]:
    return {link_id: page.older.get(link_id, page.base) for link_id in merged.behind}


def _write(
    response: Response,
    patient: Patient,
    merged: Merged,
    *,
    page: Page,
    seen: list[int],
    author: Author,
    now: datetime,
) -> None:
    text = write_answers(answers=merged.answers)
    if len(text) > LARGEST_ANSWERS:
        raise TooMuchText
    _keep(response, text, page.section, seen, now)
    public_id = new_public_id()
    changes = write_json(merged.changes, indent=None)
    change = {
        "response_id": response.id,
        "number": response.version,
        "at": now,
        "source": author.source.value,
        "author": author.name[:200],
        "section": page.section,
        "changes_sealed": ResponseChange.changes.sealed(changes, public_id=public_id),
        "public_id": public_id,
    }
    insert_later(_ADD_CHANGE, change)
    if page.is_whole:
        record_deed("form.saved", response, author, now, patient=patient)


def _keep(response: Response, text: str, section: int, seen: list[int], now: datetime) -> None:
    """The answers as they are now; the row goes out with what else the save writes."""
    sealed = Response.answers.sealed(text, public_id=response.public_id)
    kept = {
        "version": response.version + 1,
        "answers_sealed": sealed,
        "saved_at": now,
        "section": section,
        "seen": seen,
    }
    for name, value in kept.items():
        set_committed_value(response, name, value)
    update_later(_KEEP_ANSWERS, {"of": response.id, **kept})
