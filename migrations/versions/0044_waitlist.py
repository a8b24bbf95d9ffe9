"""The waitlist: entries, the times that suit them, what was offered, and their story.

Going back forgets all of it; what was booked from it stays booked.
"""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0044_waitlist"
down_revision = "0043_referrals"
branch_labels = None
depends_on = None

ENTRIES, OFFERS, STORY = "waitlist_entries", "waitlist_offers", "waitlist_changes"
OPEN_ENTRY = "status IN ('waiting', 'offered')"
OPEN_OFFER = "status = 'open'"
REFUSE = "patients_refuse_merged"


def _checks(table: str, checks: dict[str, str]) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(words, name=op.f(f"ck_{table}_{name}")) for name, words in checks.items()
    ]


def _refers(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def upgrade() -> None:
    op.create_table(
        "waitlist_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("waitlist_offer_minutes", sa.Integer(), nullable=False),
        *_checks(
            "waitlist_policy",
            {
                "one_row": "id = 1",
                "offer_minutes": "waitlist_offer_minutes BETWEEN 15 AND 2880",
            },
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_policy")),
        sqlite_strict=True,
    )
    _make_entries()
    _make_offers()
    op.create_table(
        STORY,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("from_status", sa.String(length=10), nullable=True),
        sa.Column("to_status", sa.String(length=10), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        *_refers(STORY, entry_id=ENTRIES),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{STORY}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{STORY}_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f(f"ix_{STORY}_entry_id"), STORY, ["entry_id"])
    _append_only()
    _refuse_merged()


def _make_entries() -> None:
    op.create_table(
        ENTRIES,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Integer(), nullable=True),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=2), nullable=True),
        sa.Column("patient_zone", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        *_checks(
            ENTRIES,
            {
                "status": "status IN ('waiting', 'offered', 'booked', 'expired', 'withdrawn')",
                "range": "from_date <= to_date",
                "days": "days BETWEEN 1 AND 127",
                "lapses": "lapses BETWEEN 0 AND 3",
                "version": "version >= 1",
                "appointment": "(status = 'booked') = (appointment_id IS NOT NULL)",
                "closed": f"({OPEN_ENTRY}) = (closed_at IS NULL)",
            },
        ),
        *_refers(
            ENTRIES,
            patient_id="patients",
            service_id="services",
            practitioner_id="practitioners",
            location_id="locations",
            appointment_id="appointments",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{ENTRIES}")),
        sa.UniqueConstraint("appointment_id", name=op.f(f"uq_{ENTRIES}_appointment_id")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{ENTRIES}_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f(f"ix_{ENTRIES}_patient_id"), ENTRIES, ["patient_id"])
    op.create_index(f"ix_{ENTRIES}_status", ENTRIES, ["status", "joined_at", "id"])
    unique = ["patient_id", "service_id"]
    _partial(f"uq_{ENTRIES}_open", ENTRIES, unique, OPEN_ENTRY, unique=True)
    queue = ["service_id", "joined_at", "id"]
    _partial(f"ix_{ENTRIES}_waiting", ENTRIES, queue, "status = 'waiting'", unique=False)
    _partial(f"ix_{ENTRIES}_ends_at", ENTRIES, ["ends_at"], OPEN_ENTRY, unique=False)
    windows = "waitlist_windows"
    op.create_table(
        windows,
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts_minute", sa.Integer(), nullable=False),
        sa.Column("ends_minute", sa.Integer(), nullable=False),
        *_checks(
            windows,
            {
                "minutes": "starts_minute >= 0 AND starts_minute < ends_minute"
                " AND ends_minute <= 1440"
            },
        ),
        *_refers(windows, entry_id=ENTRIES),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f(f"pk_{windows}")),
        sqlite_strict=True,
    )


def _make_offers() -> None:
    op.create_table(
        OFFERS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("hold_id", sa.Integer(), nullable=True),
        sa.Column("practitioner_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("offered_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        *_checks(
            OFFERS,
            {
                "status": "status IN ('open', 'taken', 'declined', 'lapsed', 'withdrawn')",
                "period": "starts_at < ends_at",
                "expires": "offered_at < expires_at AND expires_at <= starts_at",
                "held": f"({OPEN_OFFER}) = (hold_id IS NOT NULL)",
                "closed": f"({OPEN_OFFER}) = (closed_at IS NULL)",
            },
        ),
        *_refers(
            OFFERS,
            entry_id=ENTRIES,
            hold_id="holds",
            practitioner_id="practitioners",
            location_id="locations",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{OFFERS}")),
        sa.UniqueConstraint("hold_id", name=op.f(f"uq_{OFFERS}_hold_id")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{OFFERS}_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f(f"ix_{OFFERS}_entry_id"), OFFERS, ["entry_id"])
    _partial(f"uq_{OFFERS}_open", OFFERS, ["entry_id"], OPEN_OFFER, unique=True)
    _partial(f"ix_{OFFERS}_expires_at", OFFERS, ["expires_at"], OPEN_OFFER, unique=False)


def _append_only() -> None:
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


def _refuse_merged() -> None:
    """A record that was merged away is given nothing new, as in 0039."""
    if op.get_bind().dialect.name == "sqlite":
        merged = "(SELECT merged_at FROM patients WHERE id = NEW.patient_id) IS NOT NULL"
        for name, verb in (("insert", "INSERT"), ("update", "UPDATE OF patient_id")):
            op.execute(
                f"CREATE TRIGGER {ENTRIES}_live_patient_{name} BEFORE {verb} ON {ENTRIES} "
                f"WHEN {merged} BEGIN SELECT RAISE(ABORT, '{REFUSE}'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {ENTRIES}_live_patient AFTER INSERT OR UPDATE OF patient_id ON {ENTRIES} "
        f"FOR EACH ROW EXECUTE FUNCTION {REFUSE}()"
    )


def downgrade() -> None:
    op.drop_table(STORY)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {STORY}_refuse()")
    op.drop_table(OFFERS)
    op.drop_table("waitlist_windows")
    op.drop_table(ENTRIES)
    op.drop_table("waitlist_policy")
