"""Sessions that can be told apart: an id, the browser, when its owner gave a proof.

Sessions that are open end: everybody signs in once more.
"""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0007_sessions"
down_revision = "0006_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _remove()
    _make(
        sa.Column("proved_at", Instant(), nullable=False),
        sa.Column("has_second_factor", sa.Boolean(), nullable=False),
        sa.Column("browser", sa.String(length=20), nullable=False),
        sa.Column("system", sa.String(length=20), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.UniqueConstraint("public_id", name=op.f("uq_staff_sessions_public_id")),
    )


def downgrade() -> None:
    _remove()
    _make()


def _make(*more: sa.schema.SchemaItem) -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_staff_sessions_staff_id"), "staff_sessions", ["staff_id"], unique=False
    )


def _remove() -> None:
    op.drop_index(op.f("ix_staff_sessions_staff_id"), table_name="staff_sessions")
    op.drop_table("staff_sessions")
