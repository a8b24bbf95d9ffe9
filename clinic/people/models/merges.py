"""Records that were merged into others, and the database's own guard of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, event, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant

_LIVE_MERGE = "undone_at IS NULL"


class PatientMerge(PublicId, Base):
    """Two records that staff found to be one person: ``gone`` was merged into ``kept``.

    ``leads_to`` is who holds what was moved now: the kept record, or the one into which that was
    merged later. ``before`` is JSON of all that an undo needs: both records as they were, and which
    rows were moved or settled.
    """

    __tablename__ = "patient_merges"
    __table_args__ = (
        CheckConstraint("kept_id <> gone_id AND leads_to_id <> gone_id", name="two_records"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone"),
        Index(
            "uq_patient_merges_live",
            "gone_id",
            unique=True,
            sqlite_where=text(_LIVE_MERGE),
            postgresql_where=text(_LIVE_MERGE),
        ),
        Index(
            "ix_patient_merges_leads_to",
            "leads_to_id",
            sqlite_where=text(_LIVE_MERGE),
            postgresql_where=text(_LIVE_MERGE),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    leads_to_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    merged_at: Mapped[datetime] = mapped_column(Instant)
    merged_by: Mapped[str] = mapped_column(String(200))
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by: Mapped[str | None] = mapped_column(String(200))
    before_sealed: Mapped[str] = mapped_column(String)

    before = EncryptedText("before_sealed")


REFUSE_MERGED = "patients_refuse_merged"


def refuse_merged_ddl(table: str) -> dict[str, list[str]]:
    """Statements that give a record which was merged away no row of ``table`` any more.

    On PostgreSQL the question is put after the foreign key's own (triggers fire in the order of
    their names), which waits for a merge that is going on; the serialisation failure lets the whole
    use case run anew, and then it meets the kept record.
    """
    is_merged = "(SELECT merged_at FROM patients WHERE id = NEW.patient_id) IS NOT NULL"
    sqlite = [
        (
            f"CREATE TRIGGER {table}_live_patient_{name} BEFORE {verb} ON {table} "
            f"WHEN {is_merged} BEGIN SELECT RAISE(ABORT, '{REFUSE_MERGED}'); END"
        )
        for name, verb in (("insert", "INSERT"), ("update", "UPDATE OF patient_id"))
    ]
    postgresql = (
        f"CREATE TRIGGER {table}_live_patient AFTER INSERT OR UPDATE OF patient_id ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {REFUSE_MERGED}()"
    )
    return {"sqlite": sqlite, "postgresql": [postgresql]}


def refuse_merged_function() -> str:
    """The function behind these triggers on PostgreSQL."""
    return (
        f"CREATE FUNCTION {REFUSE_MERGED}() RETURNS trigger"  # noqa: S608 - a name of our own
        " LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM patients WHERE id = NEW.patient_id AND merged_at IS NOT NULL) "
        f"THEN RAISE EXCEPTION '{REFUSE_MERGED}' USING ERRCODE = '40001'; END IF; "
        "RETURN NULL; END $$"
    )


def belongs_to_patient(table: Any) -> bool:
    """Whether rows of a table are a patient's: all with ``patient_id`` but mere notes on records
    (by what they are found, whom they resemble), which a merge writes anew."""
    return "patient_id" in table.c and table.name not in {
        "patient_search_keys",
        "patient_suggestions",
    }


@event.listens_for(Base.metadata, "after_create")
def _refuse_merged(metadata: Any, connection: Any, **_more: Any) -> None:
    """Let ``create_all`` make the triggers too, for the tables of every slice."""
    dialect = connection.dialect.name
    statements = [refuse_merged_function()] if dialect == "postgresql" else []
    for table in metadata.sorted_tables:
        if belongs_to_patient(table):
            statements += refuse_merged_ddl(table.name)[dialect]
    for statement in statements:
        connection.exec_driver_sql(statement)
