"""Files of the lab beside its reports: recordings and tables, which nobody looks at here.

Going back forgets them.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0040_lab_files"
down_revision = "0039_patient_merges"
branch_labels = None
depends_on = None

COLUMNS = (
    "id, patient_id, kind, about, name_sealed, file_key_sealed, media_type, size, sha256,"
    " added_at, added_by, added_by_kind, removed_at, removed_by, public_id"
)
TRIGGERS = (
    "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'documents' ORDER BY name"
)
KINDS = (
    "'card-front', 'card-back', 'referral', 'imaging-report', 'exam-report', "
    "'ultrasound-report', 'gait-report', 'other'"
)
TYPES = "'image/jpeg', 'image/png', 'application/pdf'"
NEW_KIND = ", 'gait-data'"
NEW_TYPES = ", 'application/x-c3d', 'text/plain'"


def upgrade() -> None:
    _renew(is_new=True)


def downgrade() -> None:
    op.execute("DELETE FROM documents WHERE kind = 'gait-data'")
    _renew(is_new=False)


def _checks(*, is_new: bool) -> dict[str, str]:
    kinds, types = (KINDS + NEW_KIND, TYPES + NEW_TYPES) if is_new else (KINDS, TYPES)
    checks = {"kind": f"kind IN ({kinds})", "media_type": f"media_type IN ({types})"}
    if is_new:
        checks["lab_file"] = (
            "(kind = 'gait-data') = (media_type IN ('application/x-c3d', 'text/plain'))"
        )
    return checks


def _renew(*, is_new: bool) -> None:
    checks, before = _checks(is_new=is_new), _checks(is_new=not is_new)
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(checks)
        return
    for name in before:
        op.drop_constraint(op.f(f"ck_documents_{name}"), "documents", type_="check")
    for name, check in checks.items():
        op.create_check_constraint(op.f(f"ck_documents_{name}"), "documents", check)


def _rebuild(checks: dict[str, str]) -> None:
    """SQLite changes no constraint of a table that stands: it is made anew and filled.

    Its triggers go with the old one and are put back as they were.
    """
    triggers = op.get_bind().scalars(sa.text(TRIGGERS)).all()
    op.drop_index("uq_documents_same", table_name="documents")
    op.drop_index("ix_documents_about", table_name="documents")
    op.drop_index(op.f("ix_documents_patient_id"), table_name="documents")
    op.rename_table("documents", "documents_before")
    op.create_table("documents", *_table(checks), sqlite_strict=True)
    op.execute(f"INSERT INTO documents ({COLUMNS}) SELECT {COLUMNS} FROM documents_before")  # noqa: S608
    op.drop_table("documents_before")
    op.create_index(op.f("ix_documents_patient_id"), "documents", ["patient_id"])
    op.create_index("ix_documents_about", "documents", ["about"])
    op.create_index(
        "uq_documents_same",
        "documents",
        ["patient_id", "about", "kind", "sha256"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
    )
    for trigger in triggers:
        op.execute(trigger)


def _table(checks: dict[str, str]) -> list[Any]:
    return [
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
        *(
            sa.CheckConstraint(check, name=op.f(f"ck_documents_{name}"))
            for name, check in checks.items()
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
    ]
