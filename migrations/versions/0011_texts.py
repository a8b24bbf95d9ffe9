"""What the manager changes in the site's texts, version by version."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0011_texts"
down_revision = "0010_portal"
branch_labels = None
depends_on = None


def _append_only(table: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused by the database itself."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def upgrade() -> None:
    op.create_table(
        "text_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("deed", sa.String(length=10), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("saved_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('home', 'condition', 'person', 'page')", name=op.f("ck_text_versions_kind")
        ),
        sa.CheckConstraint(
            "deed IN ('added', 'saved', 'restored', 'reset', 'hidden', 'shown')",
            name=op.f("ck_text_versions_deed"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_text_versions_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_versions")),
        sa.UniqueConstraint("kind", "slug", "number", name="uq_text_versions_number"),
        sqlite_strict=True,
    )
    _append_only("text_versions")


def downgrade() -> None:
    op.drop_table("text_versions")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION text_versions_refuse()")
