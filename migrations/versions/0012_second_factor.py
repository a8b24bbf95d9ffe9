"""The second factor at sign-in, its recovery codes, and requests for a new password."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0012_second_factor"
down_revision = "0011_texts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending_sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_pending_sign_ins_staff_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_pending_sign_ins")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_pending_sign_ins_staff_id"), "pending_sign_ins", ["staff_id"])
    op.create_table(
        "second_factors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("secret_sealed", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_second_factors_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
        sa.UniqueConstraint("public_id", name=op.f("uq_second_factors_public_id")),
        sqlite_strict=True,
    )
    for name, condition in (("confirmed", "IS NOT NULL"), ("begun", "IS NULL")):
        op.create_index(
            f"uq_second_factors_{name}",
            "second_factors",
            ["staff_id"],
            unique=True,
            sqlite_where=sa.text(f"confirmed_at {condition}"),
            postgresql_where=sa.text(f"confirmed_at {condition}"),
        )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_codes")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_recovery_codes_staff_id"), "recovery_codes", ["staff_id"])
    op.create_table(
        "reset_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email_sealed", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_requests")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reset_requests_public_id")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("reset_requests")
    op.drop_index(op.f("ix_recovery_codes_staff_id"), table_name="recovery_codes")
    op.drop_table("recovery_codes")
    for name in ("begun", "confirmed"):
        op.drop_index(f"uq_second_factors_{name}", table_name="second_factors")
    op.drop_table("second_factors")
    op.drop_index(op.f("ix_pending_sign_ins_staff_id"), table_name="pending_sign_ins")
    op.drop_table("pending_sign_ins")
