"""Forms and their versions. A version that was ever active is never changed again."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import attach
from clinic.core.types import Instant


class Questionnaire(Base):
    """A form by its canonical address, and to whom it is given; services name it by its slug.

    A completed answer is good for ``lasts_days``; None asks at every visit. Ages are in years,
    both ends belong to it. ``is_prefilled``: what was answered last time is shown, to be confirmed.
    """

    __tablename__ = "questionnaires"
    __table_args__ = (
        CheckConstraint("for_whom IN ('everyone', 'new', 'returning')", name="for_whom"),
        CheckConstraint("min_age >= 0 AND max_age >= min_age", name="ages"),
        CheckConstraint("lasts_days >= 1", name="lasts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    url: Mapped[str] = mapped_column(String(300), unique=True)
    for_whom: Mapped[str] = mapped_column(String(10), default="everyone")
    min_age: Mapped[int] = mapped_column(default=0)
    max_age: Mapped[int] = mapped_column(default=150)
    lasts_days: Mapped[int | None]
    is_prefilled: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)


class QuestionnaireVersion(PublicId, Base):
    """A FHIR definition as it was read; ``sha256`` is of its text. ``reason``: why it was amended.

    Status: ``draft`` (may be changed), ``active`` (given to patients, one at a time), ``retired``
    (drafts begun on it are finished on it).
    """

    __tablename__ = "questionnaire_versions"
    __table_args__ = (
        UniqueConstraint("questionnaire_id", "version"),
        CheckConstraint("status IN ('draft', 'active', 'retired')", name="status"),
        CheckConstraint("(status = 'draft') = (activated_at IS NULL)", name="activated"),
        CheckConstraint("(status = 'retired') = (retired_at IS NOT NULL)", name="retired"),
        Index(
            "uq_questionnaire_versions_active",
            "questionnaire_id",
            unique=True,
            sqlite_where=text("status = 'active'"),
            postgresql_where=text("status = 'active'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaires.id"))
    version: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(10))
    definition: Mapped[str] = mapped_column(Text, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))
    activated_at: Mapped[datetime | None] = mapped_column(Instant)
    activated_by: Mapped[str | None] = mapped_column(String(200))
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


_FIXED = (
    "public_id",
    "questionnaire_id",
    "version",
    "title",
    "definition",
    "sha256",
    "reason",
    "created_at",
    "created_by",
    "activated_at",
    "activated_by",
)


def fixed_version_ddl() -> dict[str, list[str]]:
    """Statements that let nothing change in a version that was active but its retirement."""
    table = QuestionnaireVersion.__tablename__
    changed = {
        "sqlite": " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FIXED),
        "postgresql": " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FIXED),
    }
    back = "(OLD.status = 'retired' AND NEW.status <> 'retired') OR NEW.status = 'draft'"
    words = "a version that was active does not change"
    sqlite = [
        (
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} WHEN OLD.status <> 'draft' "
            f"AND ({changed['sqlite']} OR {back}) BEGIN SELECT RAISE(ABORT, '{words}'); END"
        ),
        (
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} WHEN OLD.status <> 'draft' "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        ),
    ]
    function = (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
    )
    rows = (
        f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN (OLD.status <> 'draft' AND ({changed['postgresql']} OR {back})) "
        f"EXECUTE FUNCTION {table}_refuse()"
    )
    kept = (
        f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW "
        f"WHEN (OLD.status <> 'draft') EXECUTE FUNCTION {table}_refuse()"
    )
    whole = (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )
    return {"sqlite": sqlite, "postgresql": [function, rows, kept, whole]}


attach(QuestionnaireVersion.__table__, fixed_version_ddl())
