"""Pages of forms that came when their sender's session had ended, kept for an hour.

Going back forgets them.
"""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0049_kept_pages"
down_revision = "0048_video_guests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("sent_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("section >= 1", name=op.f("ck_kept_pages_section")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_kept_pages_ends")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["form_assignments.id"],
            name=op.f("fk_kept_pages_assignment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_pages")),
        sa.UniqueConstraint("public_id", name=op.f("uq_kept_pages_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kept_pages_token_hash")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_kept_pages_assignment_id"), "kept_pages", ["assignment_id"], unique=False
    )
    op.create_index(op.f("ix_kept_pages_expires_at"), "kept_pages", ["expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("kept_pages")
