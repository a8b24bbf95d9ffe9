"""What a video visit has beside its appointment: where it takes place, and who waits."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0041_video_visits"
down_revision = "0040_lab_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "video_visits",
        sa.Column("appointment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("meeting_sealed", sa.String(), nullable=True),
        sa.Column("meeting_by", sa.String(length=200), nullable=True),
        sa.Column("place_state", sa.String(length=2), nullable=True),
        sa.Column("place_sealed", sa.String(), nullable=True),
        sa.Column("phone_sealed", sa.String(), nullable=True),
        sa.Column("located_at", Instant(), nullable=True),
        sa.Column("waiting_since", Instant(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("late_until", Instant(), nullable=True),
        sa.Column("late_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(meeting_sealed IS NULL) = (meeting_by IS NULL)", name=op.f("ck_video_visits_meeting")
        ),
        sa.CheckConstraint(
            "(located_at IS NULL) = (place_state IS NULL)"
            " AND (located_at IS NULL) = (place_sealed IS NULL)",
            name=op.f("ck_video_visits_located"),
        ),
        sa.CheckConstraint(
            "(late_at IS NULL) = (late_until IS NULL)", name=op.f("ck_video_visits_late")
        ),
        sa.CheckConstraint(
            "waiting_since IS NULL OR located_at IS NOT NULL", name=op.f("ck_video_visits_waiting")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_video_visits_appointment_id")
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_video_visits")),
        sa.UniqueConstraint("public_id", name=op.f("uq_video_visits_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_video_visits_seen_at",
        "video_visits",
        ["seen_at"],
        sqlite_where=sa.text("seen_at IS NOT NULL"),
        postgresql_where=sa.text("seen_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("video_visits")
