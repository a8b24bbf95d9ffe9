"""The manager's own words may be the whole text of a message, and of a text message."""

import sqlalchemy as sa
from alembic import op

revision = "0036_whole_message_texts"
down_revision = "0035_urgent_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("body", "sms"):
        column = sa.Column(name, sa.String(), server_default="", nullable=False)
        op.add_column("message_texts", column)


def downgrade() -> None:
    for name in ("sms", "body"):
        op.drop_column("message_texts", name)
