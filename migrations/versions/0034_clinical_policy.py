"""What the clinic decides about danger and patterns: one row."""

import sqlalchemy as sa
from alembic import op

revision = "0034_clinical_policy"
down_revision = "0033_patient_notes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clinical_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("escalation_minutes", sa.Integer(), nullable=False),
        sa.Column("patterns_to_consider", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clinical_policy_one_row")),
        sa.CheckConstraint("escalation_minutes > 0", name=op.f("ck_clinical_policy_escalation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinical_policy")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("clinical_policy")
