"""Money at the desk: what a visit costs, the terminal's reference, the day's till.

A visit that is still to come keeps the price of now. Going back forgets all of it.
"""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant, JsonText

revision = "0042_desk_money"
down_revision = "0041_video_visits"
branch_labels = None
depends_on = None

APPEND_ONLY = ("visit_charges", "till_movements", "till_closings")


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
    op.add_column("appointments", sa.Column("price_cents", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE appointments SET price_cents = (SELECT services.price_cents FROM occurrences"
        " JOIN services ON services.id = occurrences.service_id"
        " WHERE occurrences.id = appointments.occurrence_id)"
        " WHERE status IN ('booked', 'arrived', 'checked-in')"
    )
    op.add_column("payments", sa.Column("reference", sa.String(length=40), nullable=True))
    op.create_table(
        "visit_charges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("reason_sealed", sa.String(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_visit_charges_cents")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_visit_charges_appointment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_charges")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_charges_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_visit_charges_appointment_id"), "visit_charges", ["appointment_id"], unique=False
    )
    op.create_table(
        "till_movements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("reason_sealed", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("submission", sa.String(length=64), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("cents <> 0", name=op.f("ck_till_movements_cents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_movements")),
        sa.UniqueConstraint("public_id", name=op.f("uq_till_movements_public_id")),
        sa.UniqueConstraint("submission", name=op.f("uq_till_movements_submission")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_till_movements_day"), "till_movements", ["day"], unique=False)
    op.create_table(
        "till_closings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start_cents", sa.Integer(), nullable=False),
        sa.Column("cash_cents", sa.Integer(), nullable=False),
        sa.Column("moved_cents", sa.Integer(), nullable=False),
        sa.Column("counted_cents", sa.Integer(), nullable=False),
        sa.Column("banked_cents", sa.Integer(), nullable=False),
        sa.Column("sums", JsonText(), nullable=False),
        sa.Column("note_sealed", sa.String(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.Column("closed_by", sa.String(length=200), nullable=False),
        sa.Column("submission", sa.String(length=64), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_till_closings_number")),
        sa.CheckConstraint("counted_cents >= 0", name=op.f("ck_till_closings_counted")),
        sa.CheckConstraint(
            "banked_cents BETWEEN 0 AND counted_cents", name=op.f("ck_till_closings_banked")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_closings")),
        sa.UniqueConstraint("day", "number", name=op.f("uq_till_closings_day_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_till_closings_public_id")),
        sa.UniqueConstraint("submission", name=op.f("uq_till_closings_submission")),
        sqlite_strict=True,
    )
    for table in APPEND_ONLY:
        _append_only(table)


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
    op.drop_column("payments", "reference")
    op.drop_column("appointments", "price_cents")
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse()")
