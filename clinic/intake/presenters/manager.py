"""Forms and their versions as a manager sees them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.intake.models import Questionnaire, QuestionnaireVersion
from clinic.intake.rules.outcome import Issue, Severity
from clinic.web.filters import local_date

PATH = "/desk/questionnaires"


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version and what can be done with it."""

    version: str
    title: str
    status: str
    when: str
    reason: str
    path: str
    can_activate: bool
    can_retire: bool


@dataclass(frozen=True, slots=True)
class FormRow:
    """A form with its versions, the newest first; ``asked`` says which services ask for it."""

    name: str
    slug: str
    url: str
    given: str
    asked: str
    versions: tuple[VersionRow, ...]


def present_forms(
    *,
    forms: Sequence[Questionnaire],
    versions: Sequence[QuestionnaireVersion],
    askers: Mapping[str, Sequence[str]],
    zone: str,
) -> tuple[FormRow, ...]:
    """Every form; ``askers`` are the names of services by the slug or address they ask for."""
    return tuple(
        _form(one, [v for v in versions if v.questionnaire_id == one.id], askers, zone)
        for one in forms
    )


def issue_lines(issues: Iterable[Issue]) -> tuple[str, ...]:
    """What is wrong or worth knowing, each with its place; errors first."""
    ranked = sorted(issues, key=lambda one: one.severity is not Severity.ERROR)
    return tuple(f"{one.expression}: {one.text}" for one in ranked[:50])


def _form(
    form: Questionnaire,
    versions: Sequence[QuestionnaireVersion],
    askers: Mapping[str, Sequence[str]],
    zone: str,
) -> FormRow:
    shown = next((one for one in versions if one.status == "active"), None)
    newest = shown or (versions[0] if versions else None)
    return FormRow(
        name=newest.title if newest is not None else form.slug,
        slug=form.slug,
        url=form.url,
        given=_given(form) if shown is not None else str(_("Given to nobody")),
        asked=_asked([*askers.get(form.slug, ()), *askers.get(form.url, ())]),
        versions=tuple(_version(one, zone) for one in versions),
    )


def _asked(services: Sequence[str]) -> str:
    names = ", ".join(dict.fromkeys(services))
    return str(_("Asked with: %(names)s", names=names) if names else _("No service asks for it"))


def _given(form: Questionnaire) -> str:
    whom = {
        "everyone": _("everyone"),
        "new": _("new patients"),
        "returning": _("patients who were here before"),
    }[form.for_whom]
    parts = [str(_("Given to %(whom)s", whom=whom))]
    if (form.min_age, form.max_age) != (0, 150):
        parts.append(str(_("aged %(low)d to %(high)d", low=form.min_age, high=form.max_age)))
    if form.lasts_days is None:
        parts.append(str(_("at every visit")))
    else:
        text = ngettext(
            "answers hold for %(num)d day", "answers hold for %(num)d days", form.lasts_days
        )
        parts.append(str(text))
    return ", ".join(parts)


def _version(one: QuestionnaireVersion, zone: str) -> VersionRow:
    words = {"draft": _("Draft"), "active": _("Given to patients"), "retired": _("Retired")}
    at = one.retired_at or one.activated_at or one.created_at
    return VersionRow(
        version=one.version,
        title=one.title,
        status=str(words[one.status]),
        when=local_date(at, zone=zone),
        reason=one.reason or "",
        path=f"{PATH}/{one.public_id}",
        can_activate=one.status == "draft",
        can_retire=one.status == "active",
    )
