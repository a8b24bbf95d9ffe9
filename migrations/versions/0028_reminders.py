"""Reminders of visits, their policy, and changes told to practitioners.

Going back forgets the policy and which visits are planned; messages that were posted stay.
"""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0028_reminders"
down_revision = "0027_channels"
branch_labels = None
depends_on = None

UNPLANNED = sa.text("NOT reminders_planned")


def upgrade() -> None:
    op.add_column(
        "appointments",
        sa.Column("reminders_planned", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_index(
        "ix_appointments_unplanned",
        "appointments",
        ["id"],
        unique=False,
        sqlite_where=UNPLANNED,
        postgresql_where=UNPLANNED,
    )
    op.create_index("ix_appointment_changes_at", "appointment_changes", ["at"], unique=False)
    op.add_column("practitioners", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("practitioners", sa.Column("digest_until", Instant(), nullable=True))
    op.create_table(
        "message_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reminder_hours", sa.Text(), nullable=False),
        sa.Column("message_days", sa.Integer(), nullable=False),
        sa.Column("practitioner_digest", sa.String(length=6), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_message_policy_one_row")),
        sa.CheckConstraint("message_days > 0", name=op.f("ck_message_policy_message_days")),
        sa.CheckConstraint(
            "practitioner_digest IN ('off', 'daily', 'hourly')",
            name=op.f("ck_message_policy_digest"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_policy")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("message_policy")
    op.drop_column("practitioners", "digest_until")
    op.drop_column("practitioners", "email")
    op.drop_index("ix_appointment_changes_at", table_name="appointment_changes")
    op.drop_index("ix_appointments_unplanned", table_name="appointments")
    op.drop_column("appointments", "reminders_planned")
