"""The few visits that a clinician must read first are found without reading all visits."""

import sqlalchemy as sa
from alembic import op

revision = "0030_review_index"
down_revision = "0029_signatures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    needed = sa.text("review = 'needed'")
    op.create_index(
        "ix_appointments_review_needed",
        "appointments",
        ["id"],
        unique=False,
        sqlite_where=needed,
        postgresql_where=needed,
    )


def downgrade() -> None:
    op.drop_index("ix_appointments_review_needed", table_name="appointments")
