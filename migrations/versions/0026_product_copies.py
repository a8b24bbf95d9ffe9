"""What the catalogue says of each product, version by version."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant, JsonText

revision = "0026_product_copies"
down_revision = "0025_blocks"
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
        "product_copies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JsonText(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("saved_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_product_copies_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_copies")),
        sa.UniqueConstraint("product", "number", name=op.f("uq_product_copies_product_number")),
        sqlite_strict=True,
    )
    _append_only("product_copies")


def downgrade() -> None:
    op.drop_table("product_copies")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION product_copies_refuse()")
