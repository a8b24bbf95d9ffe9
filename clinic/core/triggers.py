"""Rules that the database keeps by itself, written for both engines.

Models attach them to their tables (for ``create_all``); migrations carry their own copy, and a
convention test holds the two against each other.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import DDL, event

_APPEND_ONLY = "append_only"


def append_only_ddl(table: str) -> dict[str, list[str]]:
    """Statements that make ``table`` refuse UPDATE and DELETE (and TRUNCATE), by engine."""
    sqlite = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]
    function = (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    rows = (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    whole = (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )
    return {"sqlite": sqlite, "postgresql": [function, rows, whole]}


def append_only(table: Any) -> None:
    """Let ``create_all`` make the table append-only too."""
    table.info[_APPEND_ONLY] = True
    attach(table, append_only_ddl(table.name))


def is_append_only(table: Any) -> bool:
    """Whether the database lets rows of the table be added only."""
    return bool(table.info.get(_APPEND_ONLY))


def attach(table: Any, statements: dict[str, list[str]]) -> None:
    """Run the engine's statements right after ``create_all`` has made the table."""
    for dialect, texts in statements.items():
        for text in texts:
            event.listen(table, "after_create", _statement(text).execute_if(dialect=dialect))


def _statement(text: str) -> DDL:
    make: Callable[[str], DDL] = DDL
    return make(text.replace("%", "%%"))
