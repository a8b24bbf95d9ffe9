"""Referrals, how many visits a state allows without one, and the visit that another one follows.

Going back forgets all of it.
"""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0043_referrals"
down_revision = "0042_desk_money"
branch_labels = None
depends_on = None

REFUSE = "patients_refuse_merged"


def upgrade() -> None:
    op.add_column("clinic", sa.Column("direct_access", sa.String(length=2), nullable=True))
    op.create_table(
        "referrals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("referrer_sealed", sa.String(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("visits", sa.Integer(), nullable=True),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("removed_by", sa.String(length=200), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("ends IS NULL OR ends >= begins", name=op.f("ck_referrals_span")),
        sa.CheckConstraint("visits IS NULL OR visits > 0", name=op.f("ck_referrals_visits")),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL)", name=op.f("ck_referrals_removed")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_referrals_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_referrals_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_referrals_patient_id"), "referrals", ["patient_id"], unique=False)
    _refuse_merged("referrals")
    op.create_table(
        "visit_followings",
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("follows_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "appointment_id <> follows_id", name=op.f("ck_visit_followings_another")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_visit_followings_appointment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["appointments.id"], name=op.f("fk_visit_followings_follows_id")
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_visit_followings")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_visit_followings_follows_id"), "visit_followings", ["follows_id"], unique=False
    )


def _refuse_merged(table: str) -> None:
    """A record that was merged away is given nothing new, as in 0039."""
    if op.get_bind().dialect.name == "sqlite":
        merged = "(SELECT merged_at FROM patients WHERE id = NEW.patient_id) IS NOT NULL"
        for name, verb in (("insert", "INSERT"), ("update", "UPDATE OF patient_id")):
            op.execute(
                f"CREATE TRIGGER {table}_live_patient_{name} BEFORE {verb} ON {table} "
                f"WHEN {merged} BEGIN SELECT RAISE(ABORT, '{REFUSE}'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_live_patient AFTER INSERT OR UPDATE OF patient_id ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {REFUSE}()"
    )


def downgrade() -> None:
    op.drop_table("visit_followings")
    op.drop_table("referrals")
    op.drop_column("clinic", "direct_access")
