"""Blocked time: lunch, meetings, a practitioner who is away; it claims as visits do."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0025_blocks"
down_revision = "0024_safety"
branch_labels = None
depends_on = None

ONE_OF_TWO = "(occurrence_id IS NULL) <> (appointment_id IS NULL)"
ONE_OF_THREE = (
    "(CASE WHEN occurrence_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN appointment_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN block_id IS NULL THEN 0 ELSE 1 END) = 1"
)
OVERLAP = (
    "EXISTS (SELECT 1 FROM claims WHERE resource_id = NEW.resource_id AND NOT overbooked"
    " AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at{others})"
)
KEPT = "id, resource_id, starts_at, ends_at, occurrence_id, appointment_id, overbooked, expires_at"
INDEXES = {
    "ix_claims_resource_time": (
        "resource_id",
        "starts_at",
        "ends_at",
        "overbooked",
        "expires_at",
    ),
    "ix_claims_expires_at": ("expires_at",),
    "ix_claims_ends_at": ("ends_at",),
    "ix_claims_occurrence_id": ("occurrence_id",),
    "ix_claims_appointment_id": ("appointment_id",),
}


def _triggers() -> None:
    op.execute(
        "CREATE TRIGGER claims_no_overlap_insert BEFORE INSERT ON claims"
        f" WHEN NOT NEW.overbooked AND {OVERLAP.format(others='')} BEGIN SELECT RAISE(IGNORE); END"
    )
    op.execute(
        "CREATE TRIGGER claims_no_overlap_update BEFORE UPDATE OF resource_id, starts_at,"
        " ends_at, overbooked ON claims WHEN NOT NEW.overbooked"
        f" AND {OVERLAP.format(others=' AND id <> NEW.id')}"
        " BEGIN SELECT RAISE(ABORT, 'claims_no_overlap'); END"
    )


def _rebuild(*, with_blocks: bool) -> None:
    """SQLite cannot change a CHECK: the table is made anew, with its indexes and its triggers."""
    for name in ("claims_no_overlap_insert", "claims_no_overlap_update"):
        op.execute(f"DROP TRIGGER {name}")
    for name in [*INDEXES, *([] if with_blocks else ["ix_claims_block_id"])]:
        op.drop_index(name, table_name="claims")
    op.rename_table("claims", "claims_before")
    owners = ["occurrence", "appointment", *(["block"] if with_blocks else [])]
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        *(sa.Column(f"{owner}_id", sa.Integer(), nullable=True) for owner in owners),
        sa.Column("overbooked", sa.Boolean(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.CheckConstraint(
            ONE_OF_THREE if with_blocks else ONE_OF_TWO, name=op.f("ck_claims_one_owner")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_claims_period")),
        *(
            sa.ForeignKeyConstraint(
                [f"{owner}_id"], [f"{owner}s.id"], name=op.f(f"fk_claims_{owner}_id")
            )
            for owner in [*owners, "resource"]
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sqlite_strict=True,
    )
    op.execute(f"INSERT INTO claims ({KEPT}) SELECT {KEPT} FROM claims_before")  # noqa: S608
    op.drop_table("claims_before")
    for name, columns in INDEXES.items():
        some = sa.text("expires_at IS NOT NULL") if name == "ix_claims_expires_at" else None
        op.create_index(name, "claims", list(columns), unique=False, sqlite_where=some)
    _triggers()


def upgrade() -> None:
    op.create_table(
        "blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_blocks_period")),
        sa.CheckConstraint(
            "kind IN ('lunch', 'meeting', 'paperwork', 'training', 'away', 'repair', 'other')",
            name=op.f("ck_blocks_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_blocks_resource_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_blocks_public_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_blocks_starts_at", "blocks", ["starts_at"], unique=False)
    op.create_index(op.f("ix_blocks_resource_id"), "blocks", ["resource_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(with_blocks=True)
    else:
        op.add_column("claims", sa.Column("block_id", sa.Integer(), nullable=True))
        op.create_foreign_key(op.f("fk_claims_block_id"), "claims", "blocks", ["block_id"], ["id"])
        op.drop_constraint(op.f("ck_claims_one_owner"), "claims", type_="check")
        op.create_check_constraint(op.f("ck_claims_one_owner"), "claims", ONE_OF_THREE)
    op.create_index(op.f("ix_claims_block_id"), "claims", ["block_id"], unique=False)


def downgrade() -> None:
    op.execute("DELETE FROM claims WHERE block_id IS NOT NULL")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(with_blocks=False)
    else:
        op.drop_index(op.f("ix_claims_block_id"), table_name="claims")
        op.drop_constraint(op.f("ck_claims_one_owner"), "claims", type_="check")
        op.create_check_constraint(op.f("ck_claims_one_owner"), "claims", ONE_OF_TWO)
        op.drop_column("claims", "block_id")
    op.drop_table("blocks")
