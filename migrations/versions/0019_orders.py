"""Orders, the attempts to pay them, their story, and what a person must look at."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant, JsonText

revision = "0019_orders"
down_revision = "0018_patient_search"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "order_steps",
    "refund_policies",
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
        "refund_policies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rules", JsonText(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_policies")),
        sqlite_strict=True,
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("product", sa.String(length=64), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("payment", sa.String(length=20), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_version", sa.Integer(), nullable=True),
        sa.Column("paid_cents", sa.Integer(), nullable=False),
        sa.Column("refunded_cents", sa.Integer(), nullable=False),
        sa.Column("is_link", sa.Boolean(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("submission", sa.String(length=64), nullable=True),
        sa.Column("submitted", sa.String(length=64), nullable=True),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("paid_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("kind IN ('product', 'balance')", name=op.f("ck_orders_kind")),
        sa.CheckConstraint(
            "payment IN ('unpaid', 'pending', 'paid', 'partly-refunded', 'refunded')",
            name=op.f("ck_orders_payment"),
        ),
        sa.CheckConstraint(
            "status IN ('awaiting-payment', 'processing', 'paid', 'scheduled', 'recorded',"
            " 'released', 'cancelled', 'expired')",
            name=op.f("ck_orders_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('paid', 'scheduled', 'recorded', 'released')"
            " OR payment NOT IN ('unpaid', 'pending')",
            name=op.f("ck_orders_granted_is_paid"),
        ),
        sa.CheckConstraint(
            "refunded_cents BETWEEN 0 AND paid_cents", name=op.f("ck_orders_refunded")
        ),
        sa.CheckConstraint("total_cents >= 0", name=op.f("ck_orders_total")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_orders_version")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_orders_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("public_id", name=op.f("uq_orders_public_id")),
        sa.UniqueConstraint("submission", name=op.f("uq_orders_submission")),
        sqlite_strict=True,
    )
    op.create_index("ix_orders_about", "orders", ["about"], unique=False)
    op.create_index(op.f("ix_orders_expires_at"), "orders", ["expires_at"], unique=False)
    op.create_index(op.f("ix_orders_patient_id"), "orders", ["patient_id"], unique=False)
    op.create_index("ix_orders_status", "orders", ["status", "created_at", "id"], unique=False)
    op.create_table(
        "checkout_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("session_id", sa.String(length=255), nullable=True),
        sa.Column("intent_id", sa.String(length=255), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('calling', 'open', 'processing', 'complete', 'failed', 'expired',"
            " 'refused')",
            name=op.f("ck_checkout_attempts_state"),
        ),
        sa.CheckConstraint(
            "state IN ('calling', 'refused') OR session_id IS NOT NULL",
            name=op.f("ck_checkout_attempts_session"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_checkout_attempts_number")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_checkout_attempts_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout_attempts")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_checkout_attempts_idempotency_key")),
        sa.UniqueConstraint(
            "order_id", "number", name=op.f("uq_checkout_attempts_order_id_number")
        ),
        sa.UniqueConstraint("session_id", name=op.f("uq_checkout_attempts_session_id")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_checkout_attempts_intent_id"), "checkout_attempts", ["intent_id"], unique=False
    )
    op.create_index(
        "uq_checkout_attempts_live",
        "checkout_attempts",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('calling', 'open', 'processing')"),
        postgresql_where=sa.text("state IN ('calling', 'open', 'processing')"),
    )
    op.create_table(
        "order_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("step", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("payment", sa.String(length=20), nullable=False),
        sa.Column("details", JsonText(), nullable=False),
        sa.Column("words_sealed", sa.String(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_steps_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_steps")),
        sa.UniqueConstraint("public_id", name=op.f("uq_order_steps_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_order_steps_order_id"), "order_steps", ["order_id"], unique=False)
    op.create_table(
        "order_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("details", JsonText(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", sa.String(length=200), nullable=True),
        sa.Column("note_sealed", sa.String(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_order_tasks_closed")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_tasks_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_tasks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_order_tasks_public_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_order_tasks_order_id", "order_tasks", ["order_id"], unique=False)
    op.create_index(
        "uq_order_tasks_open",
        "order_tasks",
        ["code", "reference"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    for table in APPEND_ONLY:
        _append_only(table)


def downgrade() -> None:
    op.drop_index(
        "uq_order_tasks_open",
        table_name="order_tasks",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index("ix_order_tasks_order_id", table_name="order_tasks")
    op.drop_table("order_tasks")
    op.drop_index(op.f("ix_order_steps_order_id"), table_name="order_steps")
    op.drop_table("order_steps")
    op.drop_index(
        "uq_checkout_attempts_live",
        table_name="checkout_attempts",
        sqlite_where=sa.text("state IN ('calling', 'open', 'processing')"),
        postgresql_where=sa.text("state IN ('calling', 'open', 'processing')"),
    )
    op.drop_index(op.f("ix_checkout_attempts_intent_id"), table_name="checkout_attempts")
    op.drop_table("checkout_attempts")
    op.drop_index("ix_orders_status", table_name="orders")
    op.drop_index(op.f("ix_orders_patient_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_expires_at"), table_name="orders")
    op.drop_index("ix_orders_about", table_name="orders")
    op.drop_table("orders")
    op.drop_table("refund_policies")
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse()")
