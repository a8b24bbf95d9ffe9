"""Visits that an order bought, and where the buyer of a visit by video will be.

Going back forgets both.
"""

import sqlalchemy as sa
from alembic import op

revision = "0047_sold_visits"
down_revision = "0046_screened_patients"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "appointments",
        sa.Column("is_sold", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute(
        "UPDATE appointments SET is_sold = true"
        " WHERE id IN (SELECT appointment_id FROM gait_orders WHERE appointment_id IS NOT NULL)"
    )
    op.add_column("gait_orders", sa.Column("state", sa.String(length=2), nullable=True))


def downgrade() -> None:
    op.drop_column("gait_orders", "state")
    op.drop_column("appointments", "is_sold")
