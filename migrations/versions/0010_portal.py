"""Guardians of children, and how patients sign in."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0010_portal"
down_revision = "0009_audit_sights"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guardians",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("relation", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=400), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "relation IN ('parent', 'guardian', 'other')", name=op.f("ck_guardians_relation")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_guardians_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardians")),
        sa.UniqueConstraint("public_id", name=op.f("uq_guardians_public_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_guardians_proof", "guardians", ["email_key", "birth_date"], unique=False)
    op.create_index(op.f("ix_guardians_patient_id"), "guardians", ["patient_id"], unique=False)
    op.create_table(
        "sign_in_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email_hash", sa.String(length=32), nullable=False),
        sa.Column("email_sealed", sa.String(), nullable=True),
        sa.Column("code_hash", sa.String(length=32), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("attempts BETWEEN 0 AND 5", name=op.f("ck_sign_in_codes_attempts")),
        sa.CheckConstraint(
            "(email_sealed IS NULL) = (ended_at IS NOT NULL)", name=op.f("ck_sign_in_codes_forgets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_codes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sign_in_codes_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_sign_in_codes_email_hash"), "sign_in_codes", ["email_hash"], unique=False
    )
    op.create_index(
        op.f("ix_sign_in_codes_expires_at"), "sign_in_codes", ["expires_at"], unique=False
    )
    op.create_index(
        "ix_sign_in_codes_waiting",
        "sign_in_codes",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("issued_at IS NULL"),
        postgresql_where=sa.text("issued_at IS NULL"),
    )
    op.create_table(
        "patient_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email_key", sa.String(length=400), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_sessions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_patient_sessions_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_patient_sessions_token_hash")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_patient_sessions_proof", "patient_sessions", ["email_key", "birth_date"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_patient_sessions_proof", table_name="patient_sessions")
    op.drop_table("patient_sessions")
    op.drop_index("ix_sign_in_codes_waiting", table_name="sign_in_codes")
    op.drop_index(op.f("ix_sign_in_codes_expires_at"), table_name="sign_in_codes")
    op.drop_index(op.f("ix_sign_in_codes_email_hash"), table_name="sign_in_codes")
    op.drop_table("sign_in_codes")
    op.drop_index(op.f("ix_guardians_patient_id"), table_name="guardians")
    op.drop_index("ix_guardians_proof", table_name="guardians")
    op.drop_table("guardians")
