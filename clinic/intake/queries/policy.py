"""The clinic's policy about danger and patterns."""

from sqlalchemy import select

from clinic.core.db import db
from clinic.intake.models import ClinicalPolicyRow
from clinic.intake.rules.policy import ClinicalPolicy


def get_clinical_policy() -> ClinicalPolicy:
    """What holds now; the usual where the clinic has said nothing. One query."""
    wanted = select(ClinicalPolicyRow.escalation_minutes, ClinicalPolicyRow.patterns_to_consider)
    row = db.session.execute(wanted).one_or_none()
    return ClinicalPolicy(*row) if row is not None else ClinicalPolicy()
