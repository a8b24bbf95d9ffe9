"""Forms and their versions, what was asked of whom, answers, and the ways to a form."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0016_forms"
down_revision = "0015_documents"
branch_labels = None
depends_on = None

APPEND_ONLY = ("response_changes", "response_versions")
VERSIONS = "questionnaire_versions"
FIXED = (
    "public_id",
    "questionnaire_id",
    "version",
    "title",
    "definition",
    "sha256",
    "reason",
    "created_at",
    "created_by",
    "activated_at",
    "activated_by",
)
TIED = ("assignment_id", "patient_id", "questionnaire_version_id", "canonical")
BACK = "(OLD.status = 'retired' AND NEW.status <> 'retired') OR NEW.status = 'draft'"
FIXED_WORDS = "a version that was active does not change"
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


def _fixed_versions() -> None:
    """Nothing changes in a version that was active but its retirement."""
    if op.get_bind().dialect.name == "sqlite":
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FIXED)
        op.execute(
            f"CREATE TRIGGER {VERSIONS}_fixed BEFORE UPDATE ON {VERSIONS} "
            f"WHEN OLD.status <> 'draft' AND ({changed} OR {BACK}) "
            f"BEGIN SELECT RAISE(ABORT, '{FIXED_WORDS}'); END"
        )
        op.execute(
            f"CREATE TRIGGER {VERSIONS}_kept BEFORE DELETE ON {VERSIONS} "
            f"WHEN OLD.status <> 'draft' BEGIN SELECT RAISE(ABORT, '{FIXED_WORDS}'); END"
        )
        return
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in FIXED)
    _refusing(VERSIONS, FIXED_WORDS)
    op.execute(
        f"CREATE TRIGGER {VERSIONS}_fixed BEFORE UPDATE ON {VERSIONS} FOR EACH ROW "
        f"WHEN (OLD.status <> 'draft' AND ({changed} OR {BACK})) "
        f"EXECUTE FUNCTION {VERSIONS}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {VERSIONS}_kept BEFORE DELETE ON {VERSIONS} FOR EACH ROW "
        f"WHEN (OLD.status <> 'draft') EXECUTE FUNCTION {VERSIONS}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {VERSIONS}_no_truncate BEFORE TRUNCATE ON {VERSIONS} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {VERSIONS}_refuse()"
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
        "questionnaires",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("for_whom", sa.String(length=10), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=False),
        sa.Column("max_age", sa.Integer(), nullable=False),
        sa.Column("lasts_days", sa.Integer(), nullable=True),
        sa.Column("is_prefilled", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "for_whom IN ('everyone', 'new', 'returning')", name=op.f("ck_questionnaires_for_whom")
        ),
        sa.CheckConstraint("lasts_days >= 1", name=op.f("ck_questionnaires_lasts")),
        sa.CheckConstraint(
            "min_age >= 0 AND max_age >= min_age", name=op.f("ck_questionnaires_ages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaires")),
        sa.UniqueConstraint("slug", name=op.f("uq_questionnaires_slug")),
        sa.UniqueConstraint("url", name=op.f("uq_questionnaires_url")),
        sqlite_strict=True,
    )
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
        "form_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("helper", sa.String(length=200), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("kind IN ('mail', 'kiosk')", name=op.f("ck_form_links_kind")),
        sa.CheckConstraint("attempts BETWEEN 0 AND 5", name=op.f("ck_form_links_attempts")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_form_links_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_links")),
        sa.UniqueConstraint("public_id", name=op.f("uq_form_links_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_form_links_token_hash")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_form_links_expires_at"), "form_links", ["expires_at"], unique=False)
    op.create_index(op.f("ix_form_links_patient_id"), "form_links", ["patient_id"], unique=False)
    op.create_table(
        "questionnaire_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("activated_at", Instant(), nullable=True),
        sa.Column("activated_by", sa.String(length=200), nullable=True),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(status = 'draft') = (activated_at IS NULL)",
            name=op.f("ck_questionnaire_versions_activated"),
        ),
        sa.CheckConstraint(
            "(status = 'retired') = (retired_at IS NOT NULL)",
            name=op.f("ck_questionnaire_versions_retired"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'retired')",
            name=op.f("ck_questionnaire_versions_status"),
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaires.id"],
            name=op.f("fk_questionnaire_versions_questionnaire_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_versions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_questionnaire_versions_public_id")),
        sa.UniqueConstraint(
            "questionnaire_id",
            "version",
            name=op.f("uq_questionnaire_versions_questionnaire_id_version"),
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_questionnaire_versions_active",
        "questionnaire_versions",
        ["questionnaire_id"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "form_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("helper", sa.String(length=200), nullable=True),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.Column("relation", sa.String(length=10), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("kind IN ('mail', 'kiosk')", name=op.f("ck_form_sessions_kind")),
        sa.CheckConstraint(
            "(author IS NULL) = (relation IS NULL)", name=op.f("ck_form_sessions_author")
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["form_links.id"], name=op.f("fk_form_sessions_link_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_form_sessions_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_sessions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_form_sessions_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_form_sessions_token_hash")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_form_sessions_expires_at"), "form_sessions", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_form_sessions_link_id"), "form_sessions", ["link_id"], unique=False)
    op.create_index(
        op.f("ix_form_sessions_patient_id"), "form_sessions", ["patient_id"], unique=False
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
    _fixed_versions()
    _tied_responses()


def downgrade() -> None:
    op.drop_table("response_versions")
    op.drop_table("response_changes")
    op.drop_index(op.f("ix_responses_questionnaire_version_id"), table_name="responses")
    op.drop_index("ix_responses_patient_id_completed_at", table_name="responses")
    op.drop_table("responses")
    op.drop_index(op.f("ix_form_sessions_patient_id"), table_name="form_sessions")
    op.drop_index(op.f("ix_form_sessions_link_id"), table_name="form_sessions")
    op.drop_index(op.f("ix_form_sessions_expires_at"), table_name="form_sessions")
    op.drop_table("form_sessions")
    op.drop_index(
        "uq_questionnaire_versions_active",
        table_name="questionnaire_versions",
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.drop_table("questionnaire_versions")
    op.drop_index(op.f("ix_form_links_patient_id"), table_name="form_links")
    op.drop_index(op.f("ix_form_links_expires_at"), table_name="form_links")
    op.drop_table("form_links")
    op.drop_index(
        "uq_form_assignments_open",
        table_name="form_assignments",
        sqlite_where=sa.text("done_at IS NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.drop_index(op.f("ix_form_assignments_patient_id"), table_name="form_assignments")
    op.drop_index(op.f("ix_form_assignments_about"), table_name="form_assignments")
    op.drop_table("form_assignments")
    op.drop_table("questionnaires")
    if op.get_bind().dialect.name == "postgresql":
        for table in (*APPEND_ONLY, VERSIONS, "responses"):
            op.execute(f"DROP FUNCTION {table}_refuse()")
