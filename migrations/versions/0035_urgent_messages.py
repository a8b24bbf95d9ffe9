"""An index of the messages that go before all others."""

import sqlalchemy as sa
from alembic import op

revision = "0035_urgent_messages"
down_revision = "0034_clinical_policy"
branch_labels = None
depends_on = None

URGENT = sa.text(
    "state = 'due' AND kind IN ('contact-new-code', 'contact-old-code', 'safety-alert', "
    "'safety-escalation', 'sign-in-code', 'staff-reset')"
)


def upgrade() -> None:
    op.create_index(
        "ix_messages_urgent",
        "messages",
        ["channel", "next_try_at"],
        unique=False,
        sqlite_where=URGENT,
        postgresql_where=URGENT,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_urgent", table_name="messages")
