"""Forms with their versions, and the ways to a form."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0016_forms"
down_revision = "0015_documents"
branch_labels = None
depends_on = None

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
BACK = "(OLD.status = 'retired' AND NEW.status <> 'retired') OR NEW.status = 'draft'"
FIXED_WORDS = "a version that was active does not change"


def _refusing(table: str, words: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
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
    _fixed_versions()


def downgrade() -> None:
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
    op.drop_table("questionnaires")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {VERSIONS}_refuse()")
