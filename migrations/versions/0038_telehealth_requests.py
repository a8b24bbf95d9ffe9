"""Requests for video visits: who may be reached where, offered times and opinions.

Going back forgets what only these know: offered requests wait for an answer again.
"""

import sqlalchemy as sa
from alembic import op

from clinic.core.types import Instant

revision = "0038_telehealth_requests"
down_revision = "0037_telehealth_policy"
branch_labels = None
depends_on = None

REQUESTS = "visit_requests"
OLD_STATUS = "status IN ('requested', 'answered', 'scheduled', 'declined', 'withdrawn')"
NEW_STATUS = "status IN ('requested', 'answered', 'offered', 'scheduled', 'declined', 'withdrawn')"
CLOSED = "(status IN ('scheduled', 'declined', 'withdrawn')) = (closed_at IS NOT NULL)"
NEW_CHECKS = {
    "urgency": "urgency BETWEEN 1 AND 3",
    "camera": "camera IN ('works', 'fails')",
    "microphone": "microphone IN ('works', 'fails')",
    "connection": "connection IN ('works', 'fails')",
    "merged": "merged_into_id IS NULL OR (status = 'withdrawn' AND merged_into_id <> id)",
    "closed": CLOSED,
}
OLD_COLUMNS = (
    "id, modality, status, patient_id, practitioner_id, reason_sealed, area_sealed, zone, part,"
    " state, is_returning, guardian_name, guardian_relation, contact_email, contact_phone,"
    " answer_sealed, decline_reason_sealed, appointment_id, submission, version, link_version,"
    " created_at, due_at, public_id"
)
LAST_STEP = (
    "SELECT max(at) FROM visit_request_changes"
    " WHERE visit_request_changes.request_id = visit_requests.id"
)


def _new_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("reply_sealed", sa.String(), nullable=True),
        sa.Column("is_unsure", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("emergency_address_sealed", sa.String(), nullable=True),
        sa.Column("emergency_phone_sealed", sa.String(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("needs_interpreter", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("camera", sa.String(length=5), nullable=True),
        sa.Column("microphone", sa.String(length=5), nullable=True),
        sa.Column("connection", sa.String(length=5), nullable=True),
        sa.Column("urgency", sa.Integer(), server_default=sa.text("3"), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("first_answered_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
    ]


def _make_requests(*, is_new: bool) -> None:
    """The table as SQLite has to have it made; its rows come afterwards."""
    checks = {
        "modality": "modality IN ('in_person', 'telehealth')",
        "status": NEW_STATUS if is_new else OLD_STATUS,
        "part": "part IN ('morning', 'afternoon', 'evening')",
        "state": "modality <> 'telehealth' OR state IS NOT NULL",
        "appointment": "(status = 'scheduled') = (appointment_id IS NOT NULL)",
        "answer": "status <> 'answered' OR answer_sealed IS NOT NULL",
        "decline_reason": "(status = 'declined') = (decline_reason_sealed IS NOT NULL)",
        "guardian": "(guardian_name IS NULL) = (guardian_relation IS NULL)",
        "version": "version >= 1",
        **(NEW_CHECKS if is_new else {}),
    }
    targets = {"appointment": "appointments", "patient": "patients"}
    targets |= {"practitioner": "practitioners", **({"merged_into": REQUESTS} if is_new else {})}
    op.create_table(
        REQUESTS,
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
        *(_new_columns() if is_new else []),
        *(
            sa.CheckConstraint(words, name=op.f(f"ck_{REQUESTS}_{name}"))
            for name, words in checks.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"], [f"{table}.id"], name=op.f(f"fk_{REQUESTS}_{name}_id")
            )
            for name, table in targets.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_requests")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_visit_requests_appointment_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_requests_public_id")),
        sa.UniqueConstraint("submission", name=op.f("uq_visit_requests_submission")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_visit_requests_patient_id"), REQUESTS, ["patient_id"])
    op.create_index("ix_visit_requests_status", REQUESTS, ["status", "created_at", "id"])


def _rebuild(*, is_new: bool, closed_at: str) -> None:
    """SQLite cannot change a CHECK: the table is made anew under its name, so that what refers to
    it finds its rows again; until then the references are not asked."""
    op.execute("PRAGMA defer_foreign_keys = ON")
    copy = f"SELECT {OLD_COLUMNS}{closed_at} FROM {REQUESTS}"  # noqa: S608
    op.execute(f"CREATE TABLE requests_before AS {copy}")
    op.drop_table(REQUESTS)
    _make_requests(is_new=is_new)
    kept = f"{OLD_COLUMNS}{', closed_at' if is_new else ''}"
    op.execute(f"INSERT INTO {REQUESTS} ({kept}) SELECT {kept} FROM requests_before")  # noqa: S608
    op.drop_table("requests_before")


def upgrade() -> None:
    closes = "status IN ('scheduled', 'declined', 'withdrawn')"
    moment = f"CASE WHEN {closes} THEN COALESCE(({LAST_STEP}), created_at) END"
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(is_new=True, closed_at=f", {moment} AS closed_at")
    else:
        for column in _new_columns():
            op.add_column(REQUESTS, column)
        op.execute(f"UPDATE {REQUESTS} SET closed_at = {moment}")  # noqa: S608
        op.drop_constraint(op.f("ck_visit_requests_status"), REQUESTS, type_="check")
        for name, words in {"status": NEW_STATUS, **NEW_CHECKS}.items():
            op.create_check_constraint(op.f(f"ck_visit_requests_{name}"), REQUESTS, words)
        op.create_foreign_key(
            op.f("fk_visit_requests_merged_into_id"), REQUESTS, REQUESTS, ["merged_into_id"], ["id"]
        )
    op.create_index(op.f("ix_visit_requests_merged_into_id"), REQUESTS, ["merged_into_id"])
    op.create_index("ix_visit_requests_queue", REQUESTS, ["status", "urgency", "created_at", "id"])
    op.create_index("ix_visit_requests_created_at", REQUESTS, ["created_at"])
    op.add_column("appointments", sa.Column("patient_zone", sa.String(length=64), nullable=True))
    _make_offers()
    _make_opinions()


def _make_offers() -> None:
    table, targets = "visit_request_offers", ("service", "practitioner", "location")
    op.create_table(
        table,
        sa.Column("request_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(f"{one}_id", sa.Integer(), nullable=False) for one in targets),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint("position BETWEEN 1 AND 3", name=op.f(f"ck_{table}_position")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f(f"ck_{table}_period")),
        sa.CheckConstraint("expires_at <= starts_at", name=op.f(f"ck_{table}_expires")),
        sa.ForeignKeyConstraint(
            ["request_id"], [f"{REQUESTS}.id"], name=op.f(f"fk_{table}_request_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_{table}_{one}_id")
            )
            for one in targets
        ),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
        sqlite_strict=True,
    )
    op.create_index(f"ix_{table}_expires_at", table, ["expires_at"])


def _make_opinions() -> None:
    table = "visit_request_opinions"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("question_sealed", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("opinion_sealed", sa.String(), nullable=True),
        sa.Column("advice", sa.String(length=10), nullable=True),
        sa.Column("given_by", sa.String(length=200), nullable=True),
        sa.Column("given_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "advice IN ('video', 'in_person', 'call', 'decline')", name=op.f(f"ck_{table}_advice")
        ),
        sa.CheckConstraint(
            "(given_at IS NULL) = (opinion_sealed IS NULL)"
            " AND (given_at IS NULL) = (given_by IS NULL)",
            name=op.f(f"ck_{table}_given"),
        ),
        sa.CheckConstraint(
            "advice IS NULL OR given_at IS NOT NULL", name=op.f(f"ck_{table}_advised")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], [f"{REQUESTS}.id"], name=op.f(f"fk_{table}_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f(f"ix_{table}_request_id"), table, ["request_id"])
    op.create_index(
        f"uq_{table}_open",
        table,
        ["request_id"],
        unique=True,
        sqlite_where=sa.text("given_at IS NULL"),
        postgresql_where=sa.text("given_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("visit_request_opinions", "visit_request_offers"):
        op.drop_table(table)
    op.drop_column("appointments", "patient_zone")
    op.execute(f"UPDATE {REQUESTS} SET status = 'requested' WHERE status = 'offered'")  # noqa: S608
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(is_new=False, closed_at="")
        return
    for name in ("merged_into_id", "queue", "created_at"):
        op.drop_index(f"ix_visit_requests_{name}", table_name=REQUESTS)
    op.drop_constraint(op.f("fk_visit_requests_merged_into_id"), REQUESTS, type_="foreignkey")
    for name in (*NEW_CHECKS, "status"):
        op.drop_constraint(op.f(f"ck_visit_requests_{name}"), REQUESTS, type_="check")
    op.create_check_constraint(op.f("ck_visit_requests_status"), REQUESTS, OLD_STATUS)
    for column in _new_columns():
        op.drop_column(REQUESTS, column.name)
