"""By what patients are found as somebody types: trigrams of names, last digits of phones."""

import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0018_patient_search"
down_revision = "0017_responses"
branch_labels = None
depends_on = None

BATCH = 1000
# The names are kept as they are compared: NFKC, case folded, spaces collapsed.
_PATIENTS = sa.table(
    "patients",
    sa.column("id", sa.Integer()),
    sa.column("given_key", sa.String()),
    sa.column("family_key", sa.String()),
    sa.column("phone", sa.String()),
)
_KEYS = sa.table(
    "patient_search_keys", sa.column("key", sa.String()), sa.column("patient_id", sa.Integer())
)


def _words(key: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", key)
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    apart = "".join(sign if sign.isalnum() else " " for sign in bare if sign not in "'’")
    return apart.split()


def _keys(given: str, family: str, phone: str | None) -> set[str]:
    found = set()
    for word in [*_words(given), *_words(family)]:
        padded = f"  {word} "
        found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    digits = re.sub(r"[^0-9]", "", phone or "")
    return found | {f"#{digits[-many:]}" for many in (4, 7) if len(digits) >= many}


def _batches(connection: sa.Connection) -> Iterator[list[dict[str, object]]]:
    last = 0
    while True:
        wanted = sa.select(_PATIENTS).where(_PATIENTS.c.id > last).order_by(_PATIENTS.c.id)
        rows = connection.execute(wanted.limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1].id
        yield [
            {"key": key, "patient_id": row.id}
            for row in rows
            for key in sorted(_keys(row.given_key, row.family_key, row.phone))
        ]


def upgrade() -> None:
    op.create_table(
        "patient_search_keys",
        sa.Column("key", sa.String(length=8), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name=op.f("fk_patient_search_keys_patient_id")
        ),
        sa.PrimaryKeyConstraint("key", "patient_id", name=op.f("pk_patient_search_keys")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_patient_search_keys_patient_id"), "patient_search_keys", ["patient_id"]
    )
    connection = op.get_bind()
    for rows in _batches(connection):
        if rows:
            connection.execute(sa.insert(_KEYS), rows)


def downgrade() -> None:
    op.drop_table("patient_search_keys")
