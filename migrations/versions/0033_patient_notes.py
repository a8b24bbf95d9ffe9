"""What staff note of a patient: alerts and notes, sealed."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0033_patient_notes"
down_revision = "0032_message_texts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "patient_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=True),
        sa.Column("words_sealed", sa.String(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("removed_by", sa.String(length=200), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("kind IN ('alert', 'note')", name=op.f("ck_patient_notes_kind")),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL)", name=op.f("ck_patient_notes_removed")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_patient_notes_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_notes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_patient_notes_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_patient_notes_live",
        "patient_notes",
        ["patient_id", "kind"],
        unique=False,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("patient_notes")
