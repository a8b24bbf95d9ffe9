"""Visits: occurrences, seats, appointments, holds and claims."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0004_visits"
down_revision = "0003_clinic"
branch_labels = None
depends_on = None

APPEND_ONLY = ("appointment_changes",)


def _append_only() -> None:
    """UPDATE, DELETE and TRUNCATE are refused by the database itself."""
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            continue
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


def _drop_refusals() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse()")


OVERLAP = (
    "EXISTS (SELECT 1 FROM claims WHERE resource_id = NEW.resource_id AND NOT overbooked"
    " AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at{others})"
)


def _no_overlap() -> None:
    """The one rule: no two live claims of one resource overlap."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE claims ADD CONSTRAINT claims_no_overlap EXCLUDE USING gist"
            " (int4range(resource_id, resource_id, '[]') WITH =,"
            " tstzrange(starts_at, ends_at) WITH &&) WHERE (NOT overbooked)"
        )
        return
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


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("public_id", name=op.f("uq_series_public_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "occurrences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("busy_from", Instant(), nullable=False),
        sa.Column("busy_until", Instant(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "state IN ('held', 'booked', 'released')", name=op.f("ck_occurrences_state")
        ),
        sa.CheckConstraint(
            "busy_from <= starts_at AND ends_at <= busy_until", name=op.f("ck_occurrences_buffers")
        ),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_occurrences_capacity")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occurrences_visit")),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_occurrences_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_occurrences_practitioner_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_occurrences_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrences")),
        sa.UniqueConstraint("id", "capacity", name=op.f("uq_occurrences_id_capacity")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_occurrences_location_id"), "occurrences", ["location_id"], unique=False
    )
    op.create_index(
        "ix_occurrences_practitioner_live",
        "occurrences",
        ["practitioner_id", "ends_at"],
        unique=False,
        sqlite_where=sa.text("state = 'booked'"),
        postgresql_where=sa.text("state = 'booked'"),
    )
    op.create_index(op.f("ix_occurrences_service_id"), "occurrences", ["service_id"], unique=False)
    op.create_index("ix_occurrences_starts_at", "occurrences", ["starts_at"], unique=False)
    op.create_table(
        "appointments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("review", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("patient_state", sa.String(length=2), nullable=True),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("series_number", sa.Integer(), nullable=True),
        sa.Column("override_by", sa.String(length=200), nullable=True),
        sa.Column("override_reason_sealed", sa.String(), nullable=True),
        sa.Column("late_cancelled", sa.Boolean(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "review IN ('none', 'needed', 'cleared')", name=op.f("ck_appointments_review")
        ),
        sa.CheckConstraint(
            "status IN ('booked', 'arrived', 'checked-in', 'fulfilled', 'cancelled', 'noshow')",
            name=op.f("ck_appointments_status"),
        ),
        sa.CheckConstraint(
            "(series_id IS NULL) = (series_number IS NULL)", name=op.f("ck_appointments_series")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_appointments_version")),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("fk_appointments_occurrence_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_appointments_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_appointments_series_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appointments_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_appointments_occurrence_id"), "appointments", ["occurrence_id"], unique=False
    )
    op.create_index(
        op.f("ix_appointments_patient_id"), "appointments", ["patient_id"], unique=False
    )
    op.create_index(op.f("ix_appointments_series_id"), "appointments", ["series_id"], unique=False)
    op.create_table(
        "occurrence_resources",
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrences.id"],
            name=op.f("fk_occurrence_resources_occurrence_id"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_occurrence_resources_resource_id")
        ),
        sa.PrimaryKeyConstraint(
            "occurrence_id", "resource_id", name=op.f("pk_occurrence_resources")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_occurrence_resources_resource_id"),
        "occurrence_resources",
        ["resource_id"],
        unique=False,
    )
    op.create_table(
        "appointment_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("from_status", sa.String(length=10), nullable=True),
        sa.Column("to_status", sa.String(length=10), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("reason_sealed", sa.String(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_appointment_changes_appointment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["appointment_changes.id"], name=op.f("fk_appointment_changes_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_changes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appointment_changes_public_id")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_appointment_changes_undoes_id")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_appointment_changes_appointment_id"),
        "appointment_changes",
        ["appointment_id"],
        unique=False,
    )
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("overbooked", sa.Boolean(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "(occurrence_id IS NULL) <> (appointment_id IS NULL)", name=op.f("ck_claims_one_owner")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_claims_period")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_claims_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("fk_claims_occurrence_id")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_claims_resource_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_claims_appointment_id"), "claims", ["appointment_id"], unique=False)
    op.create_index("ix_claims_ends_at", "claims", ["ends_at"], unique=False)
    op.create_index(
        "ix_claims_expires_at",
        "claims",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_claims_occurrence_id"), "claims", ["occurrence_id"], unique=False)
    op.create_index(
        "ix_claims_resource_time",
        "claims",
        ["resource_id", "starts_at", "ends_at", "overbooked", "expires_at"],
        unique=False,
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("patient_state", sa.String(length=2), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("released_at", Instant(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_holds_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["occurrence_id"], ["occurrences.id"], name=op.f("fk_holds_occurrence_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_holds_appointment_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_holds_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_holds_expires_at"), "holds", ["expires_at"], unique=False)
    op.create_index(op.f("ix_holds_occurrence_id"), "holds", ["occurrence_id"], unique=False)
    op.create_index(op.f("ix_holds_visitor"), "holds", ["visitor"], unique=False)
    op.create_table(
        "seats",
        sa.Column("occurrence_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "(hold_id IS NULL) <> (appointment_id IS NULL)", name=op.f("ck_seats_one_holder")
        ),
        sa.CheckConstraint(
            "(hold_id IS NULL) = (expires_at IS NULL)", name=op.f("ck_seats_hold_expires")
        ),
        sa.CheckConstraint("number BETWEEN 1 AND capacity", name=op.f("ck_seats_within_capacity")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_seats_appointment_id")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f("fk_seats_hold_id")),
        sa.ForeignKeyConstraint(
            ["occurrence_id", "capacity"],
            ["occurrences.id", "occurrences.capacity"],
            name=op.f("fk_seats_occurrence_id_capacity"),
        ),
        sa.PrimaryKeyConstraint("occurrence_id", "number", name=op.f("pk_seats")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_seats_appointment_id")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_seats_hold_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_seats_expires_at",
        "seats",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    _append_only()
    _no_overlap()


def downgrade() -> None:
    op.drop_index(
        "ix_seats_expires_at",
        table_name="seats",
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.drop_table("seats")
    op.drop_index(op.f("ix_holds_visitor"), table_name="holds")
    op.drop_index(op.f("ix_holds_occurrence_id"), table_name="holds")
    op.drop_index(op.f("ix_holds_expires_at"), table_name="holds")
    op.drop_table("holds")
    op.drop_index("ix_claims_resource_time", table_name="claims")
    op.drop_index(op.f("ix_claims_occurrence_id"), table_name="claims")
    op.drop_index(
        "ix_claims_expires_at",
        table_name="claims",
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.drop_index("ix_claims_ends_at", table_name="claims")
    op.drop_index(op.f("ix_claims_appointment_id"), table_name="claims")
    op.drop_table("claims")
    op.drop_index(op.f("ix_appointment_changes_appointment_id"), table_name="appointment_changes")
    op.drop_table("appointment_changes")
    op.drop_index(op.f("ix_occurrence_resources_resource_id"), table_name="occurrence_resources")
    op.drop_table("occurrence_resources")
    op.drop_index(op.f("ix_appointments_series_id"), table_name="appointments")
    op.drop_index(op.f("ix_appointments_patient_id"), table_name="appointments")
    op.drop_index(op.f("ix_appointments_occurrence_id"), table_name="appointments")
    op.drop_table("appointments")
    op.drop_index("ix_occurrences_starts_at", table_name="occurrences")
    op.drop_index(op.f("ix_occurrences_service_id"), table_name="occurrences")
    op.drop_index(
        "ix_occurrences_practitioner_live",
        table_name="occurrences",
        sqlite_where=sa.text("state = 'booked'"),
        postgresql_where=sa.text("state = 'booked'"),
    )
    op.drop_index(op.f("ix_occurrences_location_id"), table_name="occurrences")
    op.drop_table("occurrences")
    op.drop_table("series")
    _drop_refusals()
