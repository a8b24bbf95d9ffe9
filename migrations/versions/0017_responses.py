"""What was asked of whom, and what they answered."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0017_responses"
down_revision = "0016_forms"
branch_labels = None
depends_on = None

APPEND_ONLY = ("response_changes", "response_versions")
TIED = ("assignment_id", "patient_id", "questionnaire_version_id", "canonical")
TIED_WORDS = "a response stays with its patient and its form"


def _refusing(table: str, words: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
    )


def _append_only(table: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused by the database itself."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    _refusing(table, f"{table} is append-only")
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def _tied_responses() -> None:
    """A response stays with its patient and the version it was begun on."""
    columns = ", ".join(TIED)
    if op.get_bind().dialect.name == "sqlite":
        moved = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in TIED)
        op.execute(
            f"CREATE TRIGGER responses_tied BEFORE UPDATE OF {columns} ON responses WHEN {moved} "
            f"BEGIN SELECT RAISE(ABORT, '{TIED_WORDS}'); END"
        )
        return
    moved = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in TIED)
    _refusing("responses", TIED_WORDS)
    op.execute(
        f"CREATE TRIGGER responses_tied BEFORE UPDATE OF {columns} ON responses FOR EACH ROW "
        f"WHEN ({moved}) EXECUTE FUNCTION responses_refuse()"
    )


def upgrade() -> None:
    op.create_table(
        "form_assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "done_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_form_assignments_one_end")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_form_assignments_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaires.id"],
            name=op.f("fk_form_assignments_questionnaire_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_assignments")),
        sa.UniqueConstraint("public_id", name=op.f("uq_form_assignments_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_form_assignments_about"), "form_assignments", ["about"], unique=False)
    op.create_index(
        op.f("ix_form_assignments_patient_id"), "form_assignments", ["patient_id"], unique=False
    )
    op.create_index(
        "uq_form_assignments_open",
        "form_assignments",
        ["patient_id", "questionnaire_id"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "responses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_version_id", sa.Integer(), nullable=False),
        sa.Column("canonical", sa.String(length=365), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("answers_sealed", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(status IN ('completed', 'amended')) = (completed_at IS NOT NULL)",
            name=op.f("ck_responses_completed"),
        ),
        sa.CheckConstraint(
            "status IN ('in-progress', 'completed', 'amended', 'stopped')",
            name=op.f("ck_responses_status"),
        ),
        sa.CheckConstraint("version >= 0", name=op.f("ck_responses_version")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["form_assignments.id"], name=op.f("fk_responses_assignment_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_responses_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_version_id"],
            ["questionnaire_versions.id"],
            name=op.f("fk_responses_questionnaire_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_responses_assignment_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_responses_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_responses_patient_id_completed_at",
        "responses",
        ["patient_id", "completed_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_responses_questionnaire_version_id"),
        "responses",
        ["questionnaire_version_id"],
        unique=False,
    )
    op.create_table(
        "response_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("changes_sealed", sa.Text(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "source IN ('patient', 'guardian', 'staff')", name=op.f("ck_response_changes_source")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_response_changes_response_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_changes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_response_changes_public_id")),
        sa.UniqueConstraint(
            "response_id", "number", name=op.f("uq_response_changes_response_id_number")
        ),
        info={"append_only": True},
        sqlite_strict=True,
    )
    op.create_table(
        "response_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("answers_sealed", sa.Text(), nullable=False),
        sa.Column("reason_sealed", sa.Text(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "source IN ('patient', 'guardian', 'staff')", name=op.f("ck_response_versions_source")
        ),
        sa.CheckConstraint(
            "status IN ('completed', 'amended', 'stopped')",
            name=op.f("ck_response_versions_status"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_response_versions_number")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_response_versions_response_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_versions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_response_versions_public_id")),
        sa.UniqueConstraint(
            "response_id", "number", name=op.f("uq_response_versions_response_id_number")
        ),
        info={"append_only": True},
        sqlite_strict=True,
    )
    for table in APPEND_ONLY:
        _append_only(table)
    _tied_responses()


def downgrade() -> None:
    op.drop_table("response_versions")
    op.drop_table("response_changes")
    op.drop_index(op.f("ix_responses_questionnaire_version_id"), table_name="responses")
    op.drop_index("ix_responses_patient_id_completed_at", table_name="responses")
    op.drop_table("responses")
    op.drop_index(
        "uq_form_assignments_open",
        table_name="form_assignments",
        sqlite_where=sa.text("done_at IS NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.drop_index(op.f("ix_form_assignments_patient_id"), table_name="form_assignments")
    op.drop_index(op.f("ix_form_assignments_about"), table_name="form_assignments")
    op.drop_table("form_assignments")
    if op.get_bind().dialect.name == "postgresql":
        for table in (*APPEND_ONLY, "responses"):
            op.execute(f"DROP FUNCTION {table}_refuse()")
