"""Safety events: what could not wait, what became of it, and answers given before a booking."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0024_safety"
down_revision = "0023_text_language"
branch_labels = None
depends_on = None

LEVELS = "('EMERGENCY', 'SAME-DAY', 'PRIORITY')"
STEPS = "('read', 'acknowledged', 'escalated', 'answer-changed', 'closed')"
OUTCOMES = (
    "('sent-to-emergency', 'referred', 'seen-here', 'not-urgent', 'answered-by-mistake', "
    "'not-reached')"
)
ONCE = "kind IN ('read', 'acknowledged', 'escalated', 'closed')"
FIXED = ("safety_events", "safety_steps", "screenings")


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
    op.create_table(
        "safety_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("answered_version", sa.Integer(), nullable=False),
        sa.Column("canonical", sa.String(length=365), nullable=False),
        sa.Column("rule_id", sa.String(length=64), nullable=False),
        sa.Column("rule_set", sa.String(length=130), nullable=False),
        sa.Column("rule_set_sha256", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("author_source", sa.String(length=8), nullable=False),
        sa.Column("answers_sealed", sa.Text(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(f"level IN {LEVELS}", name=op.f("ck_safety_events_level")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_safety_events_number")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_safety_events_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_events")),
        sa.UniqueConstraint(
            "patient_id",
            "about",
            "rule_id",
            "number",
            name=op.f("uq_safety_events_patient_id_about_rule_id_number"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_safety_events_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_safety_events_patient_id_raised_at", "safety_events", ["patient_id", "raised_at"]
    )
    op.create_table(
        "safety_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("note_sealed", sa.Text(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(f"kind IN {STEPS}", name=op.f("ck_safety_steps_kind")),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name=op.f("ck_safety_steps_outcome")),
        sa.CheckConstraint(
            "(kind = 'closed') = (outcome IS NOT NULL) "
            "AND (kind <> 'closed' OR note_sealed IS NOT NULL)",
            name=op.f("ck_safety_steps_closed"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["safety_events.id"], name=op.f("fk_safety_steps_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_steps")),
        sa.UniqueConstraint("public_id", name=op.f("uq_safety_steps_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_safety_steps_event_id"), "safety_steps", ["event_id"])
    op.create_index(
        "uq_safety_steps_once",
        "safety_steps",
        ["event_id", "kind"],
        unique=True,
        sqlite_where=sa.text(ONCE),
        postgresql_where=sa.text(ONCE),
    )
    op.create_table(
        "open_safety_events",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("acknowledged_at", Instant(), nullable=True),
        sa.Column("escalate_at", Instant(), nullable=True),
        sa.CheckConstraint(f"level IN {LEVELS}", name=op.f("ck_open_safety_events_level")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["safety_events.id"], name=op.f("fk_open_safety_events_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_open_safety_events_patient_id")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_open_safety_events")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_open_safety_events_patient_id"), "open_safety_events", ["patient_id"])
    op.create_index(
        "ix_open_safety_events_escalate_at",
        "open_safety_events",
        ["escalate_at"],
        sqlite_where=sa.text("escalate_at IS NOT NULL AND acknowledged_at IS NULL"),
        postgresql_where=sa.text("escalate_at IS NOT NULL AND acknowledged_at IS NULL"),
    )
    op.create_table(
        "screenings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("canonical", sa.String(length=365), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=True),
        sa.Column("answers_sealed", sa.Text(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(f"level IN {LEVELS}", name=op.f("ck_screenings_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_screenings_public_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_screenings_visitor_at", "screenings", ["visitor", "at"])
    for table in FIXED:
        _append_only(table)


def downgrade() -> None:
    op.drop_index("ix_screenings_visitor_at", table_name="screenings")
    op.drop_table("screenings")
    op.drop_index("ix_open_safety_events_escalate_at", table_name="open_safety_events")
    op.drop_index(op.f("ix_open_safety_events_patient_id"), table_name="open_safety_events")
    op.drop_table("open_safety_events")
    op.drop_index("uq_safety_steps_once", table_name="safety_steps")
    op.drop_index(op.f("ix_safety_steps_event_id"), table_name="safety_steps")
    op.drop_table("safety_steps")
    op.drop_index("ix_safety_events_patient_id_raised_at", table_name="safety_events")
    op.drop_table("safety_events")
    if op.get_bind().dialect.name == "postgresql":
        for table in FIXED:
            op.execute(f"DROP FUNCTION {table}_refuse()")
