"""Somebody fills in the form about symptoms, and tells something that cannot wait."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clinic.core.db import transaction
from clinic.core.values import SYSTEM, Actor, Role
from clinic.intake.library import definition, form
from clinic.intake.operations.policy import write_clinical_policy
from clinic.intake.operations.questionnaires import import_questionnaire
from clinic.intake.operations.saving import PageSaved
from clinic.intake.rules.policy import ClinicalPolicy
from clinic.people.operations import create_staff
from tests.integration.intake.ground import NOW, ask, save

SAM = Actor(kind="staff", name="Sam Ito", id="sam", role=Role.CLINICIAN)
NOTHING = {"rf-ces": ["none"], "rf-motor": ["no"], "rf-vasc": ["none"], "rf-dvt": ["none"]}
SADDLE = {**NOTHING, "rf-ces": ["saddle"], "rf-ces-when": ["lt-2wk"]}
OLD_SADDLE = {**SADDLE, "rf-ces-when": ["gt-3mo"]}
CALF = {**NOTHING, "rf-dvt": ["calf-swell"], "rf-pe": ["no"], "rf-dvt-risk": ["none"]}
TENDER_CALF = {**CALF, "rf-dvt": ["calf-pain"]}


def publish_symptoms() -> str:
    """Give the form about symptoms to patients."""
    raw = definition(name="symptoms")
    return import_questionnaire(raw=raw, actor=SYSTEM, now=NOW, is_activated=True).public_id


def answers(codes: Mapping[str, list[str]]) -> dict[str, list[Any]]:
    """The answers of these codes as the form has them."""
    return {link: [_option(link, code) for code in chosen] for link, chosen in codes.items()}


def _option(link_id: str, code: str) -> dict[str, Any]:
    item = form(name="symptoms").by_link[link_id]
    raw = next(one.value.raw for one in item.options if one.value.raw["code"] == code)
    return {"valueCoding": dict(raw)}


@transaction
def let_hold(policy: ClinicalPolicy) -> None:
    """Let the clinic have this policy."""
    write_clinical_policy(policy=policy)


class Telling:
    """A patient at the first page of the form."""

    def __init__(self, patient: str, form_version: str) -> None:
        self.patient, self.form = patient, form_version
        self.assignment = ask(patient, slug="symptoms")
        self.version = 0

    def say(self, codes: Mapping[str, list[str]], *, now: datetime = NOW, **more: Any) -> PageSaved:
        """Save the page with these answers."""
        given = {**{name: [] for name in SADDLE | CALF}, **answers(codes)}
        saved = save(self.assignment, given, form=self.form, base=self.version, now=now, **more)
        self.version = saved.version
        return saved


def hire_all() -> None:
    """Two clinicians, a manager, somebody at the front desk."""
    for name, role in [
        ("sam", Role.CLINICIAN),
        ("ada", Role.CLINICIAN),
        ("max", Role.ADMIN),
        ("kim", Role.FRONT_DESK),
    ]:
        create_staff(
            email=f"{name}@clinic.example", name=name.title(), role=role, actor=SYSTEM, now=NOW
        )
