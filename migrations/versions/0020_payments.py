"""Money that came and went, with what the database itself refuses about it."""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant, JsonText

revision = "0020_payments"
down_revision = "0019_orders"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "payments",
    "ledger_entries",
    "receipts",
)

REFUNDS = "refunds_within_payment"
RECEIPTS = "receipts_without_gaps"
TAKES = "('requested', 'pending', 'succeeded')"


def _sqlite_refunds(verb: str, columns: str, besides: str) -> str:
    return (
        f"CREATE TRIGGER {REFUNDS}_{verb.lower()} BEFORE {verb}{columns} ON refunds"  # noqa: S608
        f" WHEN NEW.state IN {TAKES} AND NEW.cents + (SELECT coalesce(sum(cents), 0) FROM refunds"
        f" WHERE payment_id = NEW.payment_id AND state IN {TAKES}{besides})"
        f" > (SELECT cents FROM payments WHERE id = NEW.payment_id)"
        f" BEGIN SELECT RAISE(ABORT, '{REFUNDS}'); END"
    )


SQLITE = (
    _sqlite_refunds("INSERT", "", ""),
    _sqlite_refunds("UPDATE", " OF state, cents, payment_id", " AND id <> NEW.id"),
    (
        f"CREATE TRIGGER {RECEIPTS} BEFORE INSERT ON receipts"  # noqa: S608
        " WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM receipts)"
        f" BEGIN SELECT RAISE(ABORT, '{RECEIPTS}'); END"
    ),
)
POSTGRESQL = (
    (
        f"CREATE FUNCTION {REFUNDS}() RETURNS trigger"  # noqa: S608
        " LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM 1 FROM payments WHERE id = NEW.payment_id FOR UPDATE;"
        f" IF NEW.state IN {TAKES} AND NEW.cents"
        " + (SELECT coalesce(sum(cents), 0) FROM refunds"
        f" WHERE payment_id = NEW.payment_id AND state IN {TAKES} AND id <> NEW.id)"
        " > (SELECT cents FROM payments WHERE id = NEW.payment_id)"
        f" THEN RAISE EXCEPTION '{REFUNDS}' USING ERRCODE = '23514', CONSTRAINT = '{REFUNDS}';"
        " END IF; RETURN NEW; END $$"
    ),
    (
        f"CREATE TRIGGER {REFUNDS} BEFORE INSERT OR UPDATE ON refunds"
        f" FOR EACH ROW EXECUTE FUNCTION {REFUNDS}()"
    ),
    (
        f"CREATE FUNCTION {RECEIPTS}() RETURNS trigger"  # noqa: S608
        " LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM receipts)"
        f" THEN RAISE EXCEPTION '{RECEIPTS}'"
        f" USING ERRCODE = '23514', CONSTRAINT = '{RECEIPTS}';"
        " END IF; RETURN NEW; END $$"
    ),
    (
        f"CREATE TRIGGER {RECEIPTS} BEFORE INSERT ON receipts"
        f" FOR EACH ROW EXECUTE FUNCTION {RECEIPTS}()"
    ),
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
        "entitlements",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_entitlements_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_entitlements")),
        sqlite_strict=True,
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=255), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN kind IN ('refund', 'dispute') THEN cents <= 0 ELSE cents >= 0 END",
            name=op.f("ck_ledger_entries_sign"),
        ),
        sa.CheckConstraint(
            "kind IN ('payment', 'refund', 'refund-returned', 'dispute', 'dispute-returned')",
            name=op.f("ck_ledger_entries_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_ledger_entries_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("kind", "reference", name=op.f("uq_ledger_entries_kind_reference")),
        sqlite_strict=True,
    )
    op.create_index("ix_ledger_entries_at", "ledger_entries", ["at"], unique=False)
    op.create_index(
        op.f("ix_ledger_entries_order_id"), "ledger_entries", ["order_id"], unique=False
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("session_id", sa.String(length=255), nullable=True),
        sa.Column("intent_id", sa.String(length=255), nullable=True),
        sa.Column("charge_id", sa.String(length=255), nullable=True),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("discount_cents", sa.Integer(), nullable=False),
        sa.Column("tax_cents", sa.Integer(), nullable=False),
        sa.Column("is_surplus", sa.Boolean(), nullable=False),
        sa.Column("receipt_url", sa.String(length=2000), nullable=True),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("paid_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(method = 'stripe') = (session_id IS NOT NULL)", name=op.f("ck_payments_session")
        ),
        sa.CheckConstraint(
            "method IN ('stripe', 'cash', 'terminal', 'none')", name=op.f("ck_payments_method")
        ),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_payments_cents")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_payments_charge_id")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_payments_intent_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_public_id")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payments_session_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_payments_order_id"), "payments", ["order_id"], unique=False)
    op.create_table(
        "disputes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("stripe_id", sa.String(length=255), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("evidence_due_at", Instant(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_disputes_cents")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_disputes_stripe_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_disputes_payment_id"), "disputes", ["payment_id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("stripe_id", sa.String(length=255), nullable=True),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("reason_sealed", sa.String(), nullable=True),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("submission", sa.String(length=64), nullable=True),
        sa.Column("submitted", sa.String(length=64), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (state IN ('requested', 'pending'))",
            name=op.f("ck_refunds_settled"),
        ),
        sa.CheckConstraint(
            "source IN ('staff', 'policy', 'external')", name=op.f("ck_refunds_source")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'pending', 'succeeded', 'failed', 'canceled')",
            name=op.f("ck_refunds_state"),
        ),
        sa.CheckConstraint("cents > 0", name=op.f("ck_refunds_cents")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_refunds_public_id")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_refunds_stripe_id")),
        sa.UniqueConstraint("submission", name=op.f("uq_refunds_submission")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_refunds_payment_id"), "refunds", ["payment_id"], unique=False)
    op.create_index("ix_refunds_state", "refunds", ["state"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("refund_id", sa.Integer(), nullable=True),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("facts", JsonText(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_receipts_number")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_receipts_order_id")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_receipts_payment_id")
        ),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_receipts_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("number", name=op.f("uq_receipts_number")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_receipts_payment_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_receipts_public_id")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_receipts_refund_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_receipts_order_id"), "receipts", ["order_id"], unique=False)
    for table in APPEND_ONLY:
        _append_only(table)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_receipts_order_id"), table_name="receipts")
    op.drop_table("receipts")
    op.drop_index("ix_refunds_state", table_name="refunds")
    op.drop_index(op.f("ix_refunds_payment_id"), table_name="refunds")
    op.drop_table("refunds")
    op.drop_index(op.f("ix_disputes_payment_id"), table_name="disputes")
    op.drop_table("disputes")
    op.drop_index(op.f("ix_payments_order_id"), table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_ledger_entries_order_id"), table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_at", table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_table("entitlements")
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse()")
        op.execute(f"DROP FUNCTION {REFUNDS}()")
        op.execute(f"DROP FUNCTION {RECEIPTS}()")
