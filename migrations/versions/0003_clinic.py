"""The clinic: locations, resources, services, practitioners, hours."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0003_clinic"
down_revision = "0002_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clinic",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("cancellation_notice_hours", sa.Integer(), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.Column("payment_hold_minutes", sa.Integer(), nullable=False),
        sa.Column("undo_seconds", sa.Integer(), nullable=False),
        sa.Column("online_limit_per_service_and_day", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cancellation_notice_hours >= 0 AND undo_seconds >= 0"
            " AND online_limit_per_service_and_day > 0",
            name=op.f("ck_clinic_policy"),
        ),
        sa.CheckConstraint(
            "hold_minutes > 0 AND payment_hold_minutes > 0", name=op.f("ck_clinic_hold_lasts")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_clinic_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic")),
        sqlite_strict=True,
    )
    op.create_table(
        "locations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
        sa.UniqueConstraint("slug", name=op.f("uq_locations_slug")),
        sqlite_strict=True,
    )
    op.create_table(
        "services",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_before", sa.Integer(), nullable=False),
        sa.Column("buffer_after", sa.Integer(), nullable=False),
        sa.Column("grid_minutes", sa.Integer(), nullable=False),
        sa.Column("min_notice_seconds", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("modality", sa.String(length=12), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("safety_screen", sa.Boolean(), nullable=False),
        sa.Column("forms", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "modality IN ('in_person', 'telehealth')", name=op.f("ck_services_modality")
        ),
        sa.CheckConstraint(
            "buffer_before >= 0 AND buffer_after >= 0", name=op.f("ck_services_buffers")
        ),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_services_capacity")),
        sa.CheckConstraint("grid_minutes BETWEEN 1 AND 1440", name=op.f("ck_services_grid")),
        sa.CheckConstraint(
            "min_notice_seconds >= 0 AND horizon_days >= 0", name=op.f("ck_services_window")
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_services_minutes")),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_services_price")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("slug", name=op.f("uq_services_slug")),
        sqlite_strict=True,
    )
    op.create_table(
        "closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("starts_minute", sa.Integer(), nullable=True),
        sa.Column("ends_minute", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(starts_minute IS NULL) = (ends_minute IS NULL)", name=op.f("ck_closures_both_ends")
        ),
        sa.CheckConstraint(
            "starts_minute >= 0 AND starts_minute < ends_minute AND ends_minute <= 1440",
            name=op.f("ck_closures_minutes"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_closures_location_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_closures_location_id"), "closures", ["location_id"], unique=False)
    op.create_table(
        "resources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'patient') = (patient_id IS NOT NULL)", name=op.f("ck_resources_patient")
        ),
        sa.CheckConstraint(
            "(kind IN ('room', 'equipment')) = (slug IS NOT NULL AND location_id IS NOT NULL)",
            name=op.f("ck_resources_place"),
        ),
        sa.CheckConstraint(
            "kind IN ('practitioner', 'room', 'equipment', 'patient')",
            name=op.f("ck_resources_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_resources_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_resources_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        sa.UniqueConstraint("patient_id", name=op.f("uq_resources_patient_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_resources_slug")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_resources_location_id"), "resources", ["location_id"], unique=False)
    op.create_table(
        "practitioners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_practitioners_resource_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practitioners")),
        sa.UniqueConstraint("resource_id", name=op.f("uq_practitioners_resource_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_practitioners_slug")),
        sqlite_strict=True,
    )
    op.create_table(
        "service_needs",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("group_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_service_needs_resource_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_service_needs_service_id")
        ),
        sa.PrimaryKeyConstraint(
            "service_id", "group_number", "resource_id", name=op.f("pk_service_needs")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_service_needs_resource_id"), "service_needs", ["resource_id"], unique=False
    )
    op.create_table(
        "hour_exceptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("windows", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_hour_exceptions_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name=op.f("fk_hour_exceptions_practitioner_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_exceptions")),
        sa.UniqueConstraint(
            "practitioner_id",
            "date",
            "location_id",
            name=op.f("uq_hour_exceptions_practitioner_id_date_location_id"),
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_hour_exceptions_location_id"), "hour_exceptions", ["location_id"], unique=False
    )
    op.create_index(
        "uq_hour_exceptions_everywhere",
        "hour_exceptions",
        ["practitioner_id", "date"],
        unique=True,
        sqlite_where=sa.text("location_id IS NULL"),
        postgresql_where=sa.text("location_id IS NULL"),
    )
    op.create_table(
        "hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("starts_minute", sa.Integer(), nullable=False),
        sa.Column("ends_minute", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("days BETWEEN 1 AND 127", name=op.f("ck_hours_days")),
        sa.CheckConstraint(
            "every_weeks = 1 OR (every_weeks > 1 AND valid_from IS NOT NULL)",
            name=op.f("ck_hours_every_weeks"),
        ),
        sa.CheckConstraint(
            "starts_minute >= 0 AND starts_minute < ends_minute AND ends_minute <= 1440",
            name=op.f("ck_hours_minutes"),
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_hours_period")),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_hours_location_id")
        ),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_hours_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_hours_location_id"), "hours", ["location_id"], unique=False)
    op.create_index(op.f("ix_hours_practitioner_id"), "hours", ["practitioner_id"], unique=False)
    op.create_table(
        "licences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_licences_period")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioners.id"], name=op.f("fk_licences_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_licences_practitioner_id"), "licences", ["practitioner_id"], unique=False
    )
    op.create_table(
        "service_practitioners",
        sa.Column("practitioner_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name=op.f("fk_service_practitioners_practitioner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_service_practitioners_service_id")
        ),
        sa.PrimaryKeyConstraint(
            "practitioner_id", "service_id", name=op.f("pk_service_practitioners")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_service_practitioners_service_id"),
        "service_practitioners",
        ["service_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_service_practitioners_service_id"), table_name="service_practitioners")
    op.drop_table("service_practitioners")
    op.drop_index(op.f("ix_licences_practitioner_id"), table_name="licences")
    op.drop_table("licences")
    op.drop_index(op.f("ix_hours_practitioner_id"), table_name="hours")
    op.drop_index(op.f("ix_hours_location_id"), table_name="hours")
    op.drop_table("hours")
    op.drop_index(
        "uq_hour_exceptions_everywhere",
        table_name="hour_exceptions",
        sqlite_where=sa.text("location_id IS NULL"),
        postgresql_where=sa.text("location_id IS NULL"),
    )
    op.drop_index(op.f("ix_hour_exceptions_location_id"), table_name="hour_exceptions")
    op.drop_table("hour_exceptions")
    op.drop_index(op.f("ix_service_needs_resource_id"), table_name="service_needs")
    op.drop_table("service_needs")
    op.drop_table("practitioners")
    op.drop_index(op.f("ix_resources_location_id"), table_name="resources")
    op.drop_table("resources")
    op.drop_index(op.f("ix_closures_location_id"), table_name="closures")
    op.drop_table("closures")
    op.drop_table("services")
    op.drop_table("locations")
    op.drop_table("clinic")
