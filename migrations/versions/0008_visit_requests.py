"""Visit requests: what patients ask for until a person has answered."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0008_visit_requests"
down_revision = "0007_sessions"
branch_labels = None
depends_on = None

STORY = "visit_request_changes"


def _append_only() -> None:
    """UPDATE, DELETE and TRUNCATE are refused by the database itself."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {STORY}_no_{verb.lower()} BEFORE {verb} ON {STORY} "
                f"BEGIN SELECT RAISE(ABORT, '{STORY} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {STORY}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{STORY} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {STORY}_append_only BEFORE UPDATE OR DELETE ON {STORY} "
        f"FOR EACH ROW EXECUTE FUNCTION {STORY}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {STORY}_no_truncate BEFORE TRUNCATE ON {STORY} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {STORY}_refuse()"
    )


def upgrade() -> None:
    op.create_table(
        "visit_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("modality", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Integer(), nullable=True),
        sa.Column("reason_sealed", sa.String(), nullable=False),
        sa.Column("area_sealed", sa.String(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=True),
        sa.Column("state", sa.String(length=2), nullable=True),
        sa.Column("is_returning", sa.Boolean(), nullable=True),
        sa.Column("guardian_name", sa.String(length=100), nullable=True),
        sa.Column("guardian_relation", sa.String(length=100), nullable=True),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("contact_phone", sa.String(length=20), nullable=True),
        sa.Column("answer_sealed", sa.String(), nullable=True),
        sa.Column("decline_reason_sealed", sa.String(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("submission", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "modality IN ('in_person', 'telehealth')", name=op.f("ck_visit_requests_modality")
        ),
        sa.CheckConstraint(
            "status IN ('requested', 'answered', 'scheduled', 'declined', 'withdrawn')",
            name=op.f("ck_visit_requests_status"),
        ),
        sa.CheckConstraint(
            "part IN ('morning', 'afternoon', 'evening')", name=op.f("ck_visit_requests_part")
        ),
        sa.CheckConstraint(
            "modality <> 'telehealth' OR state IS NOT NULL", name=op.f("ck_visit_requests_state")
        ),
        sa.CheckConstraint(
            "(status = 'scheduled') = (appointment_id IS NOT NULL)",
            name=op.f("ck_visit_requests_appointment"),
        ),
        sa.CheckConstraint(
            "status <> 'answered' OR answer_sealed IS NOT NULL",
            name=op.f("ck_visit_requests_answer"),
        ),
        sa.CheckConstraint(
            "(status = 'declined') = (decline_reason_sealed IS NOT NULL)",
            name=op.f("ck_visit_requests_decline_reason"),
        ),
        sa.CheckConstraint(
            "(guardian_name IS NULL) = (guardian_relation IS NULL)",
            name=op.f("ck_visit_requests_guardian"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_visit_requests_version")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_visit_requests_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_visit_requests_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name=op.f("fk_visit_requests_practitioner_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_requests")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_visit_requests_appointment_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_requests_public_id")),
        sa.UniqueConstraint("submission", name=op.f("uq_visit_requests_submission")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_visit_requests_patient_id"), "visit_requests", ["patient_id"])
    op.create_index("ix_visit_requests_status", "visit_requests", ["status", "created_at", "id"])
    op.create_table(
        "visit_request_times",
        sa.Column("request_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_visit_request_times_period")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["visit_requests.id"], name=op.f("fk_visit_request_times_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f("pk_visit_request_times")),
        sqlite_strict=True,
    )
    op.create_table(
        STORY,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("from_status", sa.String(length=10), nullable=True),
        sa.Column("to_status", sa.String(length=10), nullable=False),
        sa.Column("words_sealed", sa.String(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["visit_requests.id"], name=op.f("fk_visit_request_changes_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_request_changes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_request_changes_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_visit_request_changes_request_id"), STORY, ["request_id"])
    _append_only()


def downgrade() -> None:
    op.drop_index(op.f("ix_visit_request_changes_request_id"), table_name=STORY)
    op.drop_table(STORY)
    op.drop_table("visit_request_times")
    op.drop_index("ix_visit_requests_status", table_name="visit_requests")
    op.drop_index(op.f("ix_visit_requests_patient_id"), table_name="visit_requests")
    op.drop_table("visit_requests")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {STORY}_refuse()")
