"""The clinic's policy about danger and patterns is written."""

from clinic.core.db import db, in_transaction
from clinic.intake.models import ClinicalPolicyRow
from clinic.intake.rules.policy import ClinicalPolicy


def write_clinical_policy(*, policy: ClinicalPolicy) -> None:
    """Let this policy hold, inside the transaction that loads a clinic; RuntimeError outside one.

    An emergency that waits already keeps the moment at which it is escalated.
    """
    if not in_transaction():
        raise RuntimeError("a policy is written inside the operation that loads a clinic")
    row = db.session.get(ClinicalPolicyRow, 1) or ClinicalPolicyRow(id=1)
    row.escalation_minutes = policy.escalation_minutes
    row.patterns_to_consider = policy.patterns_to_consider
    db.session.add(row)
