"""The trail tells through which session, and whom a list showed.

Going back forgets both: what was sealed with a session no longer verifies then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_audit_sights"
down_revision = "0007_sessions"
branch_labels = None
depends_on = None

TABLE = "audit_sights"


def _append_only() -> None:
    """UPDATE, DELETE and TRUNCATE are refused by the database itself."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} "
                f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{TABLE} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()"
    )


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("session", sa.String(length=22), nullable=True))
    op.create_index(op.f("ix_audit_entries_session"), "audit_entries", ["session"], unique=False)
    op.create_index(
        "ix_audit_entries_actor_id_at", "audit_entries", ["actor_id", "at"], unique=False
    )
    op.create_index("ix_audit_entries_action_at", "audit_entries", ["action", "at"], unique=False)
    op.create_table(
        TABLE,
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entries.id"], name=op.f("fk_audit_sights_entry_id")
        ),
        sa.PrimaryKeyConstraint("subject", "entry_id", name=op.f("pk_audit_sights")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_audit_sights_entry_id"), TABLE, ["entry_id"], unique=False)
    _append_only()


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_sights_entry_id"), table_name=TABLE)
    op.drop_table(TABLE)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {TABLE}_refuse()")
    op.drop_index("ix_audit_entries_action_at", table_name="audit_entries")
    op.drop_index("ix_audit_entries_actor_id_at", table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_session"), table_name="audit_entries")
    op.drop_column("audit_entries", "session")
