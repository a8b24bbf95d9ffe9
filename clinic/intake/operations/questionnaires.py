"""Forms come in as data, are given to patients, and are retired; a used version never changes."""

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from clinic.core import audit
from clinic.core.db import db, in_transaction, transaction
from clinic.core.errors import NotFound, Refusal
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.intake.library import QUESTIONNAIRES, definition, safety_rules
from clinic.intake.models import Questionnaire, QuestionnaireVersion
from clinic.intake.operations.assigning import withdraw_unbegun
from clinic.intake.queries.questionnaires import find_questionnaire, form_of, last_position
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.outcome import Code, Issue, Issues, Severity
from clinic.intake.rules.reading import write_json
from clinic.intake.rules.self_harm import has_way_out

_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
LONGEST_SLUG = 60


class DefinitionRefused(Refusal):
    """The definition has errors; ``issues`` says which."""

    code = "definition-refused"
    status = 422
    message = "This questionnaire has errors and was not taken in."

    def __init__(self, issues: Issues) -> None:
        super().__init__()
        self.issues = issues


class VersionTaken(Refusal):
    """Another text of this version is in use or was: a changed form needs a new version."""

    code = "version-taken"
    message = (
        "This version of the form is in use and cannot be changed. Give the changed form a new"
        " version."
    )


class NobodyWouldHear(Refusal):
    """The form asks about self-harm, and no safety rule answers it at once."""

    code = "nobody-would-hear"
    message = (
        "This form asks about thoughts of self-harm. It is given to patients only where a safety"
        " rule answers that question at once."
    )


class NotADraft(Refusal):
    """The version was active before; it is not made active again."""

    code = "not-a-draft"
    message = "This version was retired. Bring the form in again under a new version."


@dataclass(frozen=True, slots=True)
class Imported:
    """The version's public id, whether it is new, and what is worth knowing of it."""

    public_id: str
    is_new: bool
    issues: Issues


@dataclass(frozen=True, slots=True)
class Habits:
    """To whom a form is given and for how long its answers are good; see ``Questionnaire``."""

    for_whom: str = "everyone"
    min_age: int = 0
    max_age: int = 150
    lasts_days: int | None = None
    is_prefilled: bool = False


LIBRARY_HABITS = {
    "symptoms": Habits(lasts_days=14),
    "about-you": Habits(lasts_days=365, is_prefilled=True),
    "health-history": Habits(lasts_days=180, is_prefilled=True),
    "activity-goals": Habits(lasts_days=180, is_prefilled=True),
    "nprs": Habits(lasts_days=3),
    "psfs": Habits(lasts_days=14),
    "gait-intake": Habits(lasts_days=30),
    "consents": Habits(lasts_days=365),
}


@transaction
def import_questionnaire(
    *,
    raw: Any,
    actor: Actor,
    now: datetime,
    is_activated: bool = False,
    reason: str | None = None,
) -> Imported:
    """Take a FHIR Questionnaire in as a draft, and with ``is_activated`` give it to patients.

    The same text again changes nothing. Raises DefinitionRefused, VersionTaken and NotADraft.
    """
    return take_in(raw=raw, actor=actor, now=now, is_activated=is_activated, reason=reason)


def take_in(
    *,
    raw: Any,
    actor: Actor,
    now: datetime,
    is_activated: bool = False,
    reason: str | None = None,
    habits: Habits | None = None,
) -> Imported:
    """The same inside a transaction that runs; RuntimeError outside one."""
    if not in_transaction():
        raise RuntimeError("a form is taken in inside an operation")
    issues = _checked(raw)
    text = write_json(raw, indent=None)
    found = _lock_or_add(raw, now, habits or Habits())
    version, is_new = _version_of(found, raw, text, actor, now, reason)
    if is_new:
        _record("questionnaire.imported", version, actor, now)
    if is_activated:
        make_active(version=version, actor=actor, now=now)
    return Imported(version.public_id, is_new, issues)


@transaction
def activate_version(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Give a draft to patients from now on; the version before it is retired, its drafts live on.

    Twice is once. Raises NotFound and NotADraft.
    """
    make_active(version=lock_row(QuestionnaireVersion, public_id), actor=actor, now=now)


@transaction
def retire_version(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Give a version to nobody any more; what was begun on it is finished on it, and whoever was
    asked for it and has not begun is asked no more.

    Raises NotFound; NotADraft for a draft, which nobody was given.
    """
    version = lock_row(QuestionnaireVersion, public_id)
    if version.status == "draft":
        raise NotADraft
    if version.status == "active":
        _retire(version, actor, now)
        withdraw_unbegun(questionnaire_id=version.questionnaire_id, now=now)


def write_habits(*, slug: str, habits: Habits, actor: Actor, now: datetime) -> None:
    """The same inside a transaction that runs; RuntimeError outside one."""
    if not in_transaction():
        raise RuntimeError("to whom a form is given changes inside an operation")
    found = db.session.scalar(
        select(Questionnaire).where(Questionnaire.slug == slug).with_for_update()
    )
    if found is None:
        raise NotFound
    before = habits_of(found)
    _apply(found, habits)
    changed = {
        name: [value, asdict(habits)[name]]
        for name, value in asdict(before).items()
        if value != asdict(habits)[name]
    }
    if changed:
        audit.record(
            action="questionnaire.given-to",
            actor=actor,
            now=now,
            details={"form": slug, **changed},
        )


def habits_of(form: Questionnaire) -> Habits:
    """To whom a form is given as things stand."""
    return Habits(form.for_whom, form.min_age, form.max_age, form.lasts_days, form.is_prefilled)


@transaction
def seed_library(*, actor: Actor, now: datetime) -> None:
    """Take in and activate our own forms where a clinic has none at all.

    They are drafts for a licensed clinician to review, and say so.
    """
    if db.session.scalar(select(Questionnaire.id).limit(1)) is not None:
        return
    for name in QUESTIONNAIRES:
        take_in(
            raw=definition(name=name),
            actor=actor,
            now=now,
            is_activated=True,
            habits=LIBRARY_HABITS[name],
        )


def make_active(*, version: QuestionnaireVersion, actor: Actor, now: datetime) -> None:
    """Inside a transaction: let this version be the one that patients get.

    Raises NotADraft, and NobodyWouldHear for a question about self-harm without its rule (RF-10).
    """
    if version.status == "active":
        return
    if version.status != "draft":
        raise NotADraft
    if not has_way_out(form=form_of(version), rules=safety_rules()):
        raise NobodyWouldHear
    active = select(QuestionnaireVersion).where(
        QuestionnaireVersion.questionnaire_id == version.questionnaire_id,
        QuestionnaireVersion.status == "active",
    )
    for other in db.session.scalars(active.with_for_update()):
        _retire(other, actor, now)
    db.session.flush()
    version.status, version.activated_at, version.activated_by = "active", now, actor.name
    _record("questionnaire.activated", version, actor, now)


def _retire(version: QuestionnaireVersion, actor: Actor, now: datetime) -> None:
    version.status, version.retired_at = "retired", now
    _record("questionnaire.retired", version, actor, now)


def _checked(raw: Any) -> Issues:
    form, issues = read_form(raw=raw)
    if form is not None:
        for key in ("url", "version", "title"):
            if not isinstance(form.raw.get(key), str) or not form.raw[key].strip():
                words = f"A form that is given to patients needs a {key}."
                found = Issue(Severity.ERROR, Code.REQUIRED, words, f"Questionnaire.{key}")
                issues.extend((found,))
        if len(str(form.raw.get("url"))) > 300 or len(str(form.raw.get("version"))) > 64:
            words = "The url has at most 300 characters here, the version 64."
            issues.extend((Issue(Severity.ERROR, Code.TOO_LONG, words, "Questionnaire"),))
    if issues.refused:
        raise DefinitionRefused(issues)
    return issues


def _lock_or_add(raw: dict[str, Any], now: datetime, habits: Habits) -> Questionnaire:
    url = str(raw["url"])
    found = find_questionnaire(url=url)
    if found is None:
        found = Questionnaire(
            slug=_free_slug(url), url=url, position=last_position() + 1, created_at=now
        )
        _apply(found, habits)
        db.session.add(found)
        db.session.flush()
    return found


def _apply(found: Questionnaire, habits: Habits) -> None:
    found.for_whom, found.lasts_days = habits.for_whom, habits.lasts_days
    found.min_age, found.max_age = habits.min_age, habits.max_age
    found.is_prefilled = habits.is_prefilled


def _version_of(
    found: Questionnaire,
    raw: dict[str, Any],
    text: str,
    actor: Actor,
    now: datetime,
    reason: str | None,
) -> tuple[QuestionnaireVersion, bool]:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    version = db.session.scalar(
        select(QuestionnaireVersion)
        .where(
            QuestionnaireVersion.questionnaire_id == found.id,
            QuestionnaireVersion.version == raw["version"],
        )
        .with_for_update()
    )
    if version is None:
        version = QuestionnaireVersion(
            questionnaire_id=found.id,
            version=raw["version"],
            status="draft",
            created_at=now,
            created_by=actor.name,
        )
        db.session.add(version)
    elif version.sha256 == sha256:
        return version, False
    elif version.status != "draft":
        raise VersionTaken
    version.title, version.definition, version.sha256 = str(raw["title"])[:300], text, sha256
    version.reason = reason
    db.session.flush()
    return version, True


def _free_slug(url: str) -> str:
    last = url.rstrip("/").rpartition("/")[2].lower()
    slug = _NOT_IN_SLUGS.sub("-", last).strip("-")[:LONGEST_SLUG] or "form"
    taken = select(Questionnaire.slug).where(Questionnaire.slug.startswith(slug))
    known = set(db.session.scalars(taken))
    number = 1
    free = slug
    while free in known:
        number += 1
        free = f"{slug}-{number}"
    return free


def _record(action: str, version: QuestionnaireVersion, actor: Actor, now: datetime) -> None:
    audit.record(
        action=action,
        actor=actor,
        now=now,
        subject=f"questionnaire:{version.public_id}",
        details={"title": version.title, "version": version.version, "sha256": version.sha256},
    )
