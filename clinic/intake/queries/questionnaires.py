"""Reads about forms and their versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.types import is_public_id
from clinic.intake.models import Questionnaire, QuestionnaireVersion
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.form import Form
from clinic.intake.rules.reading import read_json
from clinic.intake.rules.translation import in_language, spoken

FORMS_KEPT = 64


def get_version(*, public_id: str) -> QuestionnaireVersion:
    """The version of that public id; NotFound."""
    found = None
    if is_public_id(public_id):
        wanted = select(QuestionnaireVersion).where(QuestionnaireVersion.public_id == public_id)
        found = db.session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


def find_active(*, questionnaire_id: int) -> QuestionnaireVersion | None:
    """The version that patients get now, or None."""
    return db.session.scalar(
        select(QuestionnaireVersion).where(
            QuestionnaireVersion.questionnaire_id == questionnaire_id,
            QuestionnaireVersion.status == "active",
        )
    )


def find_given_version(*, questionnaire_id: int, public_id: str) -> QuestionnaireVersion | None:
    """A version (public id) of a form that patients get or got, or None; never a draft."""
    if not is_public_id(public_id):
        return None
    return db.session.scalar(
        select(QuestionnaireVersion).where(
            QuestionnaireVersion.questionnaire_id == questionnaire_id,
            QuestionnaireVersion.public_id == public_id,
            QuestionnaireVersion.status != "draft",
        )
    )


def find_questionnaire(*, url: str) -> Questionnaire | None:
    """The form of that canonical address, or None."""
    return db.session.scalar(select(Questionnaire).where(Questionnaire.url == url))


def get_questionnaire(*, slug: str) -> Questionnaire:
    """The form of that slug; NotFound."""
    found = db.session.scalar(select(Questionnaire).where(Questionnaire.slug == slug))
    if found is None:
        raise NotFound
    return found


def list_questionnaires() -> Sequence[Questionnaire]:
    """Every form, in the order in which patients meet them."""
    wanted = select(Questionnaire).order_by(Questionnaire.position, Questionnaire.id)
    return db.session.scalars(wanted).all()


def list_titles() -> dict[str, str]:
    """Slug -> title of every form, in the order in which patients meet them."""
    newest = (
        select(QuestionnaireVersion.title)
        .where(QuestionnaireVersion.questionnaire_id == Questionnaire.id)
        .order_by((QuestionnaireVersion.status == "active").desc(), QuestionnaireVersion.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Questionnaire.slug, func.coalesce(newest, Questionnaire.slug)).order_by(
            Questionnaire.position, Questionnaire.id
        )
    )
    return {str(slug): str(title) for slug, title in rows}


def list_versions(*, questionnaire_id: int | None = None) -> Sequence[QuestionnaireVersion]:
    """All versions, of one form or of every form, the newest first."""
    wanted = select(QuestionnaireVersion).order_by(QuestionnaireVersion.id.desc())
    if questionnaire_id is not None:
        wanted = wanted.where(QuestionnaireVersion.questionnaire_id == questionnaire_id)
    return db.session.scalars(wanted).all()


def list_given(*, names: Sequence[str]) -> Sequence[Questionnaire]:
    """The forms of these slugs or canonical addresses that have an active version, in order."""
    return db.session.scalars(
        select(Questionnaire)
        .join(QuestionnaireVersion, QuestionnaireVersion.questionnaire_id == Questionnaire.id)
        .where(
            Questionnaire.slug.in_(names) | Questionnaire.url.in_(names),
            QuestionnaireVersion.status == "active",
        )
        .order_by(Questionnaire.position, Questionnaire.id)
    ).all()


@dataclass(frozen=True, slots=True)
class ActiveForm:
    """A form that patients can be given now."""

    slug: str
    title: str
    version: str


def list_active() -> list[ActiveForm]:
    """The forms with an active version, in the order in which patients meet them."""
    rows = db.session.execute(
        select(Questionnaire.slug, QuestionnaireVersion.title, QuestionnaireVersion.version)
        .join(QuestionnaireVersion, QuestionnaireVersion.questionnaire_id == Questionnaire.id)
        .where(QuestionnaireVersion.status == "active")
        .order_by(Questionnaire.position, Questionnaire.id)
    )
    return [ActiveForm(*row) for row in rows]


def last_position() -> int:
    """The highest position of a form, 0 where there is none."""
    return db.session.scalar(select(func.max(Questionnaire.position))) or 0


def form_of(version: QuestionnaireVersion, *, language: str = "") -> Form:
    """The version's definition, read and ready. It is kept in the process by its hash.

    With a ``language`` its words are in that language as far as the definition has them.

    One thread reads at a time: items are told apart by identity, so a form that is read twice at
    the same moment would be two forms within one request.
    """
    with _reading:
        return _form(version.sha256, version.id, language)


_reading = Lock()


@lru_cache(maxsize=FORMS_KEPT)
def _form(sha256: str, version_id: int, language: str) -> Form:
    del sha256  # what the cache tells versions apart by; the number alone may mean another one
    wanted = select(QuestionnaireVersion.definition).where(QuestionnaireVersion.id == version_id)
    form, _issues = read_form(raw=read_json(data=db.session.scalars(wanted).one().encode()))
    if form is not None and language and language != spoken(form=form):
        form, _issues = read_form(raw=in_language(form=form, language=language))
    if form is None:
        raise RuntimeError("a stored questionnaire cannot be read")
    return form
