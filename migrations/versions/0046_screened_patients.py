"""Of whom the answers about safety were told that came before a booking.

Going back forgets it.
"""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0046_screened_patients"
down_revision = "0045_request_screening"
branch_labels = None
depends_on = None

TABLE = "screened_patients"
REFUSE = "patients_refuse_merged"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["screening_id"], ["screenings.id"], name=op.f("fk_screened_patients_screening_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_screened_patients_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screened_patients")),
        sqlite_strict=True,
    )
    for column in ("screening_id", "patient_id"):
        op.create_index(op.f(f"ix_screened_patients_{column}"), TABLE, [column])
    _append_only()
    _refuse_merged()


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


def _refuse_merged() -> None:
    """A record that was merged away is given nothing new, as in 0039."""
    if op.get_bind().dialect.name == "sqlite":
        merged = "(SELECT merged_at FROM patients WHERE id = NEW.patient_id) IS NOT NULL"
        for name, verb in (("insert", "INSERT"), ("update", "UPDATE OF patient_id")):
            op.execute(
                f"CREATE TRIGGER {TABLE}_live_patient_{name} BEFORE {verb} ON {TABLE} "
                f"WHEN {merged} BEGIN SELECT RAISE(ABORT, '{REFUSE}'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {TABLE}_live_patient AFTER INSERT OR UPDATE OF patient_id ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {REFUSE}()"
    )


def downgrade() -> None:
    op.drop_table(TABLE)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {TABLE}_refuse()")
