"""Links that open the waiting room of a visit by video to guests.

Going back forgets them: they open nothing any more.
"""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0048_video_guests"
down_revision = "0047_sold_visits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "video_guests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("invited_at", Instant(), nullable=False),
        sa.Column("invited_by", sa.String(length=200), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_video_guests_ended")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_video_guests_appointment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_guests")),
        sa.UniqueConstraint("public_id", name=op.f("uq_video_guests_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_video_guests_appointment_id"), "video_guests", ["appointment_id"], unique=False
    )
    op.create_index(
        "uq_video_guests_open",
        "video_guests",
        ["appointment_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("video_guests")
