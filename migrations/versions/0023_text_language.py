"""The site's texts have a language each; what there is was written in English."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0023_text_language"
down_revision = "0022_own_consent"
branch_labels = None
depends_on = None

OLD = ("kind", "slug", "number")
NEW = ("kind", "slug", "language", "number")
KEPT = "id, kind, slug, number, deed, content, is_hidden, saved_at, saved_by"


def upgrade() -> None:
    language = sa.Column("language", sa.String(length=16), nullable=False)
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(language, unique=NEW, columns=f"{KEPT}, language", values=f"{KEPT}, 'en'")
        return
    op.add_column(
        "text_versions",
        sa.Column("language", sa.String(length=16), nullable=False, server_default="en"),
    )
    op.alter_column("text_versions", "language", server_default=None)
    _unique(NEW)


def downgrade() -> None:
    """Other languages than English have no place in the older shape."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(unique=OLD, columns=KEPT, values=KEPT, only=" WHERE language = 'en'")
        return
    op.execute("ALTER TABLE text_versions DISABLE TRIGGER text_versions_append_only")
    op.execute("DELETE FROM text_versions WHERE language <> 'en'")
    op.execute("ALTER TABLE text_versions ENABLE TRIGGER text_versions_append_only")
    _unique(OLD)
    op.drop_column("text_versions", "language")


def _unique(columns: tuple[str, ...]) -> None:
    op.drop_constraint("uq_text_versions_number", "text_versions", type_="unique")
    op.create_unique_constraint("uq_text_versions_number", "text_versions", list(columns))


def _rebuild(
    *more: sa.Column, unique: tuple[str, ...], columns: str, values: str, only: str = ""
) -> None:
    """SQLite cannot change a table's constraints: the table is made anew and its rows copied."""
    op.rename_table("text_versions", "text_versions_before")
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
        *more,
        sa.CheckConstraint(
            "kind IN ('home', 'condition', 'person', 'page')", name=op.f("ck_text_versions_kind")
        ),
        sa.CheckConstraint(
            "deed IN ('added', 'saved', 'restored', 'reset', 'hidden', 'shown')",
            name=op.f("ck_text_versions_deed"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_text_versions_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_versions")),
        sa.UniqueConstraint(*unique, name="uq_text_versions_number"),
        sqlite_strict=True,
    )
    op.execute(
        f"INSERT INTO text_versions ({columns}) SELECT {values} FROM text_versions_before{only}"  # noqa: S608 - words of this file
    )
    op.drop_table("text_versions_before")
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER text_versions_no_{verb.lower()} BEFORE {verb} ON text_versions "
            "BEGIN SELECT RAISE(ABORT, 'text_versions is append-only'); END"
        )
