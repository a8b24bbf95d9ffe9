"""Patients, staff, sessions and tokens."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0002_people"
down_revision = "0001_core"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'front_desk', 'clinician', 'gait_lab', 'auditor')",
            name=op.f("ck_api_tokens_role"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_tokens_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
        sqlite_strict=True,
    )
    op.create_table(
        "patients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("given_key", sa.String(length=400), nullable=False),
        sa.Column("family_key", sa.String(length=400), nullable=False),
        sa.Column("email_key", sa.String(length=400), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients")),
        sa.UniqueConstraint("public_id", name=op.f("uq_patients_public_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_patients_email_key", "patients", ["email_key"], unique=False)
    op.create_index("ix_patients_identity", "patients", ["birth_date", "family_key"], unique=False)
    op.create_index("ix_patients_phone", "patients", ["phone"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'front_desk', 'clinician', 'gait_lab', 'auditor')",
            name=op.f("ck_staff_role"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_staff_public_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "patient_suggestions",
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('birth-date-and-name', 'contact')",
            name=op.f("ck_patient_suggestions_reason"),
        ),
        sa.CheckConstraint(
            "patient_id < other_id", name=op.f("ck_patient_suggestions_older_first")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["patients.id"], name=op.f("fk_patient_suggestions_other_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_patient_suggestions_patient_id")
        ),
        sa.PrimaryKeyConstraint("patient_id", "other_id", name=op.f("pk_patient_suggestions")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_patient_suggestions_other_id"), "patient_suggestions", ["other_id"], unique=False
    )
    op.create_table(
        "setup_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_setup_links_staff_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_setup_links")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_setup_links_staff_id"), "setup_links", ["staff_id"], unique=False)
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_staff_sessions_staff_id"), "staff_sessions", ["staff_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_staff_sessions_staff_id"), table_name="staff_sessions")
    op.drop_table("staff_sessions")
    op.drop_index(op.f("ix_setup_links_staff_id"), table_name="setup_links")
    op.drop_table("setup_links")
    op.drop_index(op.f("ix_patient_suggestions_other_id"), table_name="patient_suggestions")
    op.drop_table("patient_suggestions")
    op.drop_table("staff")
    op.drop_index("ix_patients_phone", table_name="patients")
    op.drop_index("ix_patients_identity", table_name="patients")
    op.drop_index("ix_patients_email_key", table_name="patients")
    op.drop_table("patients")
    op.drop_table("api_tokens")
