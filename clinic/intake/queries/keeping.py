"""Pages that were kept because their sender's session had ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db
from clinic.intake.models import FormAssignment, KeptPage
from clinic.intake.rules.keeping import Kept, read_kept
from clinic.people.queries import token_hash


def list_kept(*, tokens: Sequence[str], now: datetime) -> Mapping[str, Kept]:
    """What these tokens of a browser stand for, by token, the newest first; what is over stands for
    nothing."""
    hashed = {token_hash(token): token for token in tokens}
    rows = db.session.execute(
        select(KeptPage, FormAssignment.public_id)
        .join(FormAssignment, FormAssignment.id == KeptPage.assignment_id)
        .where(KeptPage.token_hash.in_(hashed), KeptPage.expires_at > now)
        .order_by(KeptPage.created_at.desc(), KeptPage.id.desc())
    )
    return {
        hashed[row.token_hash]: Kept(
            assignment, row.section, row.holder, read_kept(row.sent or "[]")
        )
        for row, assignment in rows
    }
