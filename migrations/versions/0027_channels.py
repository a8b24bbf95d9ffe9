"""Text messages beside mail, what people answered to them, and how patients want to be contacted.

Going back forgets texts, messages whose recipient was forgotten, and all these wishes.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0027_channels"
down_revision = "0026_product_copies"
branch_labels = None
depends_on = None

COLUMNS = (
    "id, kind, channel, recipient_sealed, recipient_mac, language, context_sealed, about, state,"
    " created_at, due_at, valid_until, next_try_at, lease, attempts, last_error, sent_at, public_id"
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
    op.drop_index("ix_messages_due", table_name="messages")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(_table(is_new=True))
    else:
        op.drop_constraint(op.f("ck_messages_channel"), "messages", type_="check")
        op.add_column("messages", sa.Column("patient", sa.String(length=22), nullable=True))
        op.add_column("messages", sa.Column("once_key", sa.String(length=120), nullable=True))
        op.alter_column("messages", "recipient_sealed", nullable=True)
        op.create_check_constraint(
            op.f("ck_messages_channel"), "messages", "channel IN ('email', 'sms')"
        )
        op.create_check_constraint(
            op.f("ck_messages_recipient"),
            "messages",
            "recipient_sealed IS NOT NULL OR state <> 'due'",
        )
        op.create_unique_constraint("uq_messages_once_key", "messages", ["once_key"])
    _index("due", ["channel", "next_try_at"], "state = 'due'")
    _index("kept", ["created_at"], "recipient_sealed IS NOT NULL")
    _index("patient", ["patient", "id"], "patient IS NOT NULL")
    _make_choices()


def _make_choices() -> None:
    op.create_table(
        "address_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("address_mac", sa.String(length=32), nullable=False),
        sa.Column("choice", sa.String(length=5), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("ck_address_choices_channel")),
        sa.CheckConstraint("choice IN ('stop', 'start')", name=op.f("ck_address_choices_choice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_choices")),
        sa.UniqueConstraint("source", name="uq_address_choices_source"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_address_choices_address_mac", "address_choices", ["address_mac", "id"], unique=False
    )
    _append_only("address_choices")
    op.create_table(
        "contact_choices",
        sa.Column("patient_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("ck_contact_choices_channel")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_contact_choices_patient_id")
        ),
        sa.PrimaryKeyConstraint("patient_id", "channel", name=op.f("pk_contact_choices")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("contact_choices")
    op.drop_table("address_choices")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION address_choices_refuse()")
    op.execute("DELETE FROM messages WHERE channel <> 'email' OR recipient_sealed IS NULL")
    for index in ("patient", "kept", "due"):
        op.drop_index(f"ix_messages_{index}", table_name="messages")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(_table(is_new=False))
    else:
        op.drop_constraint("uq_messages_once_key", "messages", type_="unique")
        op.drop_constraint(op.f("ck_messages_recipient"), "messages", type_="check")
        op.drop_constraint(op.f("ck_messages_channel"), "messages", type_="check")
        op.drop_column("messages", "once_key")
        op.drop_column("messages", "patient")
        op.alter_column("messages", "recipient_sealed", nullable=False)
        op.create_check_constraint(op.f("ck_messages_channel"), "messages", "channel IN ('email')")
    _index("due", ["next_try_at"], "state = 'due'")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        f"ix_messages_{name}",
        "messages",
        columns,
        unique=False,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _rebuild(table: list[Any]) -> None:
    """SQLite changes no constraint of a table that stands: it is made anew and filled."""
    op.drop_index("ix_messages_about", table_name="messages")
    op.drop_index("ix_messages_failed", table_name="messages")
    op.rename_table("messages", "messages_before")
    op.create_table("messages", *table, sqlite_strict=True)
    op.execute(f"INSERT INTO messages ({COLUMNS}) SELECT {COLUMNS} FROM messages_before")  # noqa: S608
    op.drop_table("messages_before")
    op.create_index("ix_messages_about", "messages", ["about"], unique=False)
    _index("failed", ["id"], "state = 'failed'")


def _table(*, is_new: bool) -> list[Any]:
    channels = "channel IN ('email', 'sms')" if is_new else "channel IN ('email')"
    parts: list[Any] = [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("recipient_sealed", sa.String(), nullable=is_new),
        sa.Column("recipient_mac", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("context_sealed", sa.String(), nullable=True),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("valid_until", Instant(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("lease", sa.String(length=22), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=120), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(channels, name=op.f("ck_messages_channel")),
        sa.CheckConstraint(
            "state IN ('due', 'sent', 'failed', 'dropped')", name=op.f("ck_messages_state")
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_messages_sent")
        ),
        sa.CheckConstraint("state = 'due' OR lease IS NULL", name=op.f("ck_messages_lease")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_messages_attempts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("public_id", name=op.f("uq_messages_public_id")),
    ]
    if is_new:
        parts += [
            sa.Column("patient", sa.String(length=22), nullable=True),
            sa.Column("once_key", sa.String(length=120), nullable=True),
            sa.CheckConstraint(
                "recipient_sealed IS NOT NULL OR state <> 'due'", name=op.f("ck_messages_recipient")
            ),
            sa.UniqueConstraint("once_key", name="uq_messages_once_key"),
        ]
    return parts
