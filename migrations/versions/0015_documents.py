"""Documents: what was handed in as a file. Their contents lie encrypted beside the database."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0015_documents"
down_revision = "0014_request_guardians"
branch_labels = None
depends_on = None

KINDS = (
    "('card-front', 'card-back', 'referral', 'imaging-report', 'exam-report', "
    "'ultrasound-report', 'gait-report', 'other')"
)


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("name_sealed", sa.String(), nullable=False),
        sa.Column("file_key_sealed", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("added_by_kind", sa.String(length=10), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("removed_by", sa.String(length=200), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_documents_kind")),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'application/pdf')",
            name=op.f("ck_documents_media_type"),
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_documents_size")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_documents_sha256")),
        sa.CheckConstraint(
            "(file_key_sealed IS NULL) = (removed_at IS NOT NULL)",
            name=op.f("ck_documents_removed"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_documents_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("public_id", name=op.f("uq_documents_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_documents_patient_id"), "documents", ["patient_id"])
    op.create_index("ix_documents_about", "documents", ["about"])
    op.create_index(
        "uq_documents_same",
        "documents",
        ["patient_id", "about", "kind", "sha256"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_documents_same", table_name="documents")
    op.drop_index("ix_documents_about", table_name="documents")
    op.drop_index(op.f("ix_documents_patient_id"), table_name="documents")
    op.drop_table("documents")
