"""Signatures under what was handed in."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0029_signatures"
down_revision = "0028_reminders"
branch_labels = None
depends_on = None

TABLE = "signatures"


def _append_only() -> None:
    """UPDATE, DELETE and TRUNCATE are refused by the database itself."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} "
                f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{TABLE} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()"
    )


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_version_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=True),
        sa.Column("definition_sha256", sa.String(length=64), nullable=False),
        sa.Column("answers_sha256", sa.String(length=64), nullable=False),
        sa.Column("shown_sha256", sa.String(length=64), nullable=False),
        sa.Column("key_name", sa.String(length=64), nullable=False),
        sa.Column("proof", sa.String(length=64), nullable=False),
        sa.Column("signer_sealed", sa.Text(), nullable=False),
        sa.Column("intent_sealed", sa.Text(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "source IN ('patient', 'guardian', 'staff')", name=op.f("ck_signatures_source")
        ),
        sa.CheckConstraint(
            "length(definition_sha256) = 64 AND length(answers_sha256) = 64 "
            "AND length(shown_sha256) = 64 AND length(proof) = 64",
            name=op.f("ck_signatures_digests"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_signatures_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["response_version_id"],
            ["response_versions.id"],
            name=op.f("fk_signatures_response_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signatures_public_id")),
        sa.UniqueConstraint("response_version_id", name=op.f("uq_signatures_response_version_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_signatures_patient_id"), TABLE, ["patient_id"])
    _append_only()


def downgrade() -> None:
    op.drop_index(op.f("ix_signatures_patient_id"), table_name=TABLE)
    op.drop_table(TABLE)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {TABLE}_refuse()")
