"""Two records of one person become one, and the database gives a record merged away nothing new."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0039_patient_merges"
down_revision = "0038_telehealth_requests"
branch_labels = None
depends_on = None

REFUSE = "patients_refuse_merged"
OF_A_PATIENT = (
    "appointments",
    "calendar_feeds",
    "contact_choices",
    "documents",
    "form_assignments",
    "form_links",
    "form_sessions",
    "guardians",
    "open_safety_events",
    "orders",
    "own_consents",
    "patient_notes",
    "resources",
    "responses",
    "safety_events",
    "signatures",
    "visit_requests",
)
TIED = ("assignment_id", "questionnaire_version_id", "canonical")
TIED_WORDS = "a response stays with its patient and its form"
SQLITE, POSTGRESQL = "IS NOT", "IS DISTINCT FROM"
OF_ITS_ASSIGNMENT = (
    "NEW.patient_id <> (SELECT patient_id FROM form_assignments WHERE id = NEW.assignment_id)"
)


def upgrade() -> None:
    op.add_column("patients", sa.Column("merged_at", Instant(), nullable=True))
    op.create_table(
        "patient_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("leads_to_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", Instant(), nullable=False),
        sa.Column("merged_by", sa.String(length=200), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.Column("before_sealed", sa.String(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "kept_id <> gone_id AND leads_to_id <> gone_id",
            name=op.f("ck_patient_merges_two_records"),
        ),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_patient_merges_undone")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["patients.id"], name=op.f(f"fk_patient_merges_{column}")
            )
            for column in ("kept_id", "gone_id", "leads_to_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_merges")),
        sa.UniqueConstraint("public_id", name=op.f("uq_patient_merges_public_id")),
        sqlite_strict=True,
    )
    for name, column, is_unique in (
        ("uq_patient_merges_live", "gone_id", True),
        ("ix_patient_merges_leads_to", "leads_to_id", False),
    ):
        op.create_index(
            name,
            "patient_merges",
            [column],
            unique=is_unique,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )
    op.create_index(op.f("ix_patient_merges_kept_id"), "patient_merges", ["kept_id"], unique=False)
    _refuse_merged()
    _tie_responses(follows_assignment=True)


def _refuse_merged() -> None:
    if op.get_bind().dialect.name == "sqlite":
        merged = "(SELECT merged_at FROM patients WHERE id = NEW.patient_id) IS NOT NULL"
        for table in OF_A_PATIENT:
            for name, verb in (("insert", "INSERT"), ("update", "UPDATE OF patient_id")):
                op.execute(
                    f"CREATE TRIGGER {table}_live_patient_{name} BEFORE {verb} ON {table} "
                    f"WHEN {merged} BEGIN SELECT RAISE(ABORT, '{REFUSE}'); END"
                )
        return
    op.execute(
        f"CREATE FUNCTION {REFUSE}() RETURNS trigger"  # noqa: S608 - a name of our own
        " LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM patients WHERE id = NEW.patient_id AND merged_at IS NOT NULL) "
        f"THEN RAISE EXCEPTION '{REFUSE}' USING ERRCODE = '40001'; END IF; "
        "RETURN NULL; END $$"
    )
    for table in OF_A_PATIENT:
        op.execute(
            f"CREATE TRIGGER {table}_live_patient AFTER INSERT OR UPDATE OF patient_id ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {REFUSE}()"
        )


def _tie_responses(*, follows_assignment: bool) -> None:
    """A response is its assignment's patient's; before, the patient could never change."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    names = TIED if follows_assignment else (TIED[0], "patient_id", *TIED[1:])
    differs = SQLITE if is_sqlite else POSTGRESQL
    moved = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in names)
    columns = ", ".join((*TIED, "patient_id") if follows_assignment else names)
    if is_sqlite:
        op.execute("DROP TRIGGER responses_tied")
        moved = f"{moved} OR {OF_ITS_ASSIGNMENT}" if follows_assignment else moved
        op.execute(
            f"CREATE TRIGGER responses_tied BEFORE UPDATE OF {columns} ON responses WHEN {moved} "
            f"BEGIN SELECT RAISE(ABORT, '{TIED_WORDS}'); END"
        )
        return
    op.execute("DROP TRIGGER responses_tied ON responses")
    op.execute("DROP FUNCTION responses_refuse()")
    if not follows_assignment:
        op.execute(
            "CREATE FUNCTION responses_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{TIED_WORDS}'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER responses_tied BEFORE UPDATE OF {columns} ON responses "
            f"FOR EACH ROW WHEN ({moved}) EXECUTE FUNCTION responses_refuse()"
        )
        return
    op.execute(
        "CREATE FUNCTION responses_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {moved} OR {OF_ITS_ASSIGNMENT} THEN RAISE EXCEPTION '{TIED_WORDS}'; END IF; "
        "RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER responses_tied BEFORE UPDATE OF {columns} ON responses FOR EACH ROW "
        "EXECUTE FUNCTION responses_refuse()"
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    _tie_responses(follows_assignment=False)
    for table in OF_A_PATIENT:
        if is_sqlite:
            op.execute(f"DROP TRIGGER {table}_live_patient_insert")
            op.execute(f"DROP TRIGGER {table}_live_patient_update")
        else:
            op.execute(f"DROP TRIGGER {table}_live_patient ON {table}")
    if not is_sqlite:
        op.execute(f"DROP FUNCTION {REFUSE}()")
    op.drop_table("patient_merges")
    op.drop_column("patients", "merged_at")
