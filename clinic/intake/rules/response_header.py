"""A response's own elements, and whether it belongs to the questionnaire."""

from typing import Any

from clinic.intake.rules.form import Form
from clinic.intake.rules.outcome import Code, Issues, shown
from clinic.intake.rules.spans import date_time_span
from clinic.intake.rules.state import ROOT

STATUSES = frozenset({"in-progress", "completed", "amended", "entered-in-error", "stopped"})

_KNOWN = frozenset(
    [
        "resourceType",
        "id",
        "meta",
        "implicitRules",
        "language",
        "text",
        "contained",
        "extension",
        "identifier",
        "basedOn",
        "partOf",
        "questionnaire",
        "status",
        "subject",
        "encounter",
        "authored",
        "author",
        "source",
        "item",
    ]
)


def check_header(*, raw: dict[str, Any], form: Form, issues: Issues) -> None:
    """Note a wrong status, an unknown element, another questionnaire, one that is not active."""
    for key in raw:
        if key not in _KNOWN and key.removeprefix("_") not in _KNOWN:
            issues.error(Code.STRUCTURE, f"FHIR R4 has no element {shown(key)} here.", ROOT)
    status = raw.get("status")
    if status is None:
        issues.error(Code.REQUIRED, "The response has no status.", f"{ROOT}.status")
    elif not isinstance(status, str) or status not in STATUSES:
        issues.error(Code.CODE_INVALID, f"{shown(status)} is no status.", f"{ROOT}.status")
    _check_questionnaire(raw, form, issues)
    _check_standing(raw, form, issues)


def _check_questionnaire(raw: dict[str, Any], form: Form, issues: Issues) -> None:
    path = f"{ROOT}.questionnaire"
    named = raw.get("questionnaire")
    if named is None:
        issues.warn(Code.REQUIRED, "The response does not say which form it answers.", path)
        return
    if not isinstance(named, str):
        issues.error(Code.STRUCTURE, "questionnaire must be a canonical address.", path)
        return
    url, _, version = named.partition("|")
    own_url, own_version = form.raw.get("url"), form.raw.get("version")
    if isinstance(own_url, str) and url != own_url and not named.startswith("#"):
        words = f"The response answers {shown(url)}, not {shown(own_url)}."
        issues.error(Code.INVALID, words, path)
    elif version and isinstance(own_version, str) and version != own_version:
        words = f"The response answers version {shown(version)}, not {shown(own_version)}."
        issues.error(Code.INVALID, words, path)


def _check_standing(raw: dict[str, Any], form: Form, issues: Issues) -> None:
    """Drafts, retired forms and answers outside the period of a form are for a person to judge."""
    path = f"{ROOT}.questionnaire"
    status = form.raw.get("status")
    if status == "retired":
        issues.warn(Code.BUSINESS_RULE, "The questionnaire has been retired.", path)
    elif status == "draft":
        issues.warn(Code.BUSINESS_RULE, "The questionnaire is a draft.", path)
    authored, period = raw.get("authored"), form.raw.get("effectivePeriod")
    if not isinstance(authored, str) or not isinstance(period, dict):
        return
    moment = date_time_span(text=authored)
    if moment is None:
        issues.error(Code.VALUE, f"{shown(authored)} is no date and time.", f"{ROOT}.authored")
        return
    start, end = (
        date_time_span(text=value) if isinstance(value, str) else None
        for value in (period.get("start"), period.get("end"))
    )
    if (start and moment[1] <= start[0]) or (end and moment[0] >= end[1]):
        words = "The response was written outside the questionnaire's effective period."
        issues.warn(Code.BUSINESS_RULE, words, path)
