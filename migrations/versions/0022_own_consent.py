"""Minors who decide alone, and new e-mail addresses that wait for their proof."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0022_own_consent"
down_revision = "0021_stripe_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("ground", sa.String(length=10), nullable=False),
        sa.Column("note_sealed", sa.String(), nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.Column("granted_by", sa.String(length=200), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "ground IN ('married', 'parent', 'homeless', 'other')",
            name=op.f("ck_own_consents_ground"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_own_consents_ended")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_own_consents_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_consents")),
        sa.UniqueConstraint("public_id", name=op.f("uq_own_consents_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_own_consents_live",
        "own_consents",
        ["patient_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "contact_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(length=22), nullable=False),
        sa.Column("email_sealed", sa.String(), nullable=True),
        sa.Column("new_code_hash", sa.String(length=32), nullable=False),
        sa.Column("old_code_hash", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("attempts BETWEEN 0 AND 5", name=op.f("ck_contact_changes_attempts")),
        sa.CheckConstraint(
            "(email_sealed IS NULL) = (ended_at IS NOT NULL)",
            name=op.f("ck_contact_changes_forgets"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_changes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contact_changes_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_contact_changes_expires_at"), "contact_changes", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_contact_changes_session"), "contact_changes", ["session"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_contact_changes_session"), table_name="contact_changes")
    op.drop_index(op.f("ix_contact_changes_expires_at"), table_name="contact_changes")
    op.drop_table("contact_changes")
    op.drop_index("uq_own_consents_live", table_name="own_consents")
    op.drop_table("own_consents")
