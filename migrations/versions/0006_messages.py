"""The outbox."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0006_messages"
down_revision = "0005_products"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("recipient_sealed", sa.String(), nullable=False),
        sa.Column("recipient_mac", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("context_sealed", sa.String(), nullable=True),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("valid_until", Instant(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("lease", sa.String(length=22), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=120), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("channel IN ('email')", name=op.f("ck_messages_channel")),
        sa.CheckConstraint(
            "state IN ('due', 'sent', 'failed', 'dropped')", name=op.f("ck_messages_state")
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_messages_sent")
        ),
        sa.CheckConstraint("state = 'due' OR lease IS NULL", name=op.f("ck_messages_lease")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_messages_attempts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("public_id", name=op.f("uq_messages_public_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_messages_about", "messages", ["about"], unique=False)
    for state, column in (("due", "next_try_at"), ("failed", "id")):
        op.create_index(
            f"ix_messages_{state}",
            "messages",
            [column],
            unique=False,
            sqlite_where=sa.text(f"state = '{state}'"),
            postgresql_where=sa.text(f"state = '{state}'"),
        )


def downgrade() -> None:
    for index in ("ix_messages_failed", "ix_messages_due", "ix_messages_about"):
        op.drop_index(index, table_name="messages")
    op.drop_table("messages")
