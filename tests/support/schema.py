"""The real schema of a database, as the engine itself tells it, in a form that can be compared."""

import re
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.engine import Connection

Schema = dict[str, object]

COLUMNS = """
SELECT table_name || '.' || column_name, data_type, character_maximum_length, is_nullable,
       column_default, is_identity, identity_generation
  FROM information_schema.columns WHERE table_schema = 'public'
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text || ': ' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
 WHERE relnamespace = 'public'::regnamespace
"""
TRIGGERS = """
SELECT tgrelid::regclass::text || ': ' || tgname, pg_get_triggerdef(oid)
  FROM pg_trigger WHERE NOT tgisinternal
"""
FUNCTIONS = """
SELECT oid::regprocedure::text, pg_get_functiondef(oid)
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
OURS = "alembic_version"


def schema_of(connection: Connection) -> Schema:
    """Name of everything in the schema -> its definition; Alembic's own table is left out."""
    read = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    return {name: definition for name, definition in read(connection) if OURS not in name}


def _sqlite(connection: Connection) -> Iterator[tuple[str, object]]:
    rows = connection.execute(
        text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    )
    for kind, name, sql in rows:
        plain = " ".join(sql.replace('"', "").split())
        yield f"{kind} {name}", _clauses(plain) if kind == "table" else plain


def _postgresql(connection: Connection) -> Iterator[tuple[str, object]]:
    queries = {
        "column": COLUMNS,
        "constraint": CONSTRAINTS,
        "index": INDEXES,
        "trigger": TRIGGERS,
        "function": FUNCTIONS,
    }
    for kind, query in queries.items():
        for name, *definition in connection.execute(text(query)):
            yield f"{kind} {name}", tuple(definition)


def _clauses(sql: str) -> tuple[str, ...]:
    """The parts of CREATE TABLE between its outer commas, sorted: their order means nothing."""
    head, _, rest = sql.partition("(")
    body, _, tail = rest.rpartition(")")
    parts, depth, start = [], 0, 0
    quoted = False
    for place, sign in enumerate(body):
        quoted ^= sign == "'"
        if not quoted:
            depth += (sign == "(") - (sign == ")")
            if sign == "," and depth == 0:
                parts.append(body[start:place])
                start = place + 1
    parts.append(body[start:])
    cleaned = (re.sub(r"\s+", " ", part).strip() for part in parts)
    return (head.strip(), *sorted(cleaned), tail.strip())
