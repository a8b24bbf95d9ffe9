"""What the payment service told us; the versions of prices; the visits behind orders."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0021_stripe_events"
down_revision = "0020_payments"
branch_labels = None
depends_on = None

APPEND_ONLY = ("product_prices",)


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
        "product_prices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.CheckConstraint("price_cents >= 0", name=op.f("ck_product_prices_price")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_product_prices_version")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_prices_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_prices")),
        sa.UniqueConstraint(
            "product_id", "version", name=op.f("uq_product_prices_product_id_version")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "stripe_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.String(length=255), nullable=False),
        sa.Column("api_version", sa.String(length=40), nullable=True),
        sa.Column("body_sealed", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=120), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=22), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(state = 'due') = (done_at IS NULL)", name=op.f("ck_stripe_events_done")
        ),
        sa.CheckConstraint(
            "state IN ('due', 'done', 'aside')", name=op.f("ck_stripe_events_state")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_stripe_events_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_stripe_events_event_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_stripe_events_public_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_stripe_events_due",
        "stripe_events",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index("ix_stripe_events_order_id", "stripe_events", ["order_id"], unique=False)
    op.create_table(
        "gait_orders",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("wished_at", Instant(), nullable=True),
        sa.Column("wished_practitioner", sa.String(length=64), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_gait_orders_appointment_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_gait_orders_order_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_gait_orders_product_id")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_gait_orders")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_gait_orders_appointment_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_gait_orders_product_id"), "gait_orders", ["product_id"], unique=False)
    for table in APPEND_ONLY:
        _append_only(table)


def downgrade() -> None:
    op.drop_index(op.f("ix_gait_orders_product_id"), table_name="gait_orders")
    op.drop_table("gait_orders")
    op.drop_index("ix_stripe_events_order_id", table_name="stripe_events")
    op.drop_index(
        "ix_stripe_events_due",
        table_name="stripe_events",
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.drop_table("stripe_events")
    op.drop_table("product_prices")
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse()")
