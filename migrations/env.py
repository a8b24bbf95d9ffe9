"""Run migrations through the application's engine, one transaction for each of them.

SQLite's DDL is transactional when we say BEGIN ourselves (see clinic/core/engines.py), so a killed
migration leaves the schema as it was on both engines. Whoever brings a connection with an open
transaction gets all of them in that one.
"""

from contextlib import nullcontext

from alembic import context
from flask import current_app
from sqlalchemy import text

from clinic.core.engines import WRITER

database = current_app.extensions["migrate"].db
engine = database.engine


def run() -> None:
    """Upgrade or downgrade; on PostgreSQL one at a time, whoever else starts it."""
    given = context.config.attributes.get("connection")
    opened = nullcontext(given) if given else engine.connect().execution_options(**{WRITER: True})
    with opened as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(20110711)"))
            context.run_migrations()


run()
