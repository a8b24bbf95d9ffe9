"""Backups that are changed and signed anew, as whoever has the keys could."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import inspect

from clinic.core.bulk import one_deed
from clinic.core.crypto import keyring
from clinic.core.db import db
from clinic.core.migrations import migrate_within
from clinic.operating.backups.files import read_rows, write_rows
from clinic.operating.backups.manifest import NAME, KeptTable, Manifest, read_manifest

Row = list[Any]


def rewrite(app: Flask, folder: Path, table: str, change: Callable[[list[Row]], list[Row]]) -> None:
    """Change the rows of one table."""
    told = read_manifest(folder / NAME)
    tables = [_rewritten(folder, one, change) if one.name == table else one for one in told.tables]
    _sign(app, folder, replace(told, tables=tables))


def _rewritten(
    folder: Path, kept: KeptTable, change: Callable[[list[Row]], list[Row]]
) -> KeptTable:
    rows = change(list(read_rows(folder, kept.file.path)))
    (folder / kept.file.path).unlink()
    file, count = write_rows(folder, kept.file.path, rows)
    return replace(kept, file=file, rows=count)


def _sign(app: Flask, folder: Path, told: Manifest) -> None:
    with app.app_context():
        (folder / NAME).write_text(told.signed(keyring()).to_text())


def age(app: Flask, folder: Path, *, revision: str, empty: Flask) -> None:
    """Let the backup be as the code of that revision would have written it.

    ``empty`` is an app on a database without rows, which shows what there was then.
    """
    told = read_manifest(folder / NAME)
    with empty.app_context():
        with one_deed() as connection:
            migrate_within(connection, revision)
        asked = inspect(db.engine)
        then = {
            table: {column["name"] for column in asked.get_columns(table)}
            for table in asked.get_table_names()
        }
    tables = [_narrowed(folder, one, then[one.name]) for one in told.tables if one.name in then]
    _sign(app, folder, replace(told, revision=revision, tables=tables))


def _narrowed(folder: Path, kept: KeptTable, names: set[str]) -> KeptTable:
    places = [place for place, (name, _) in enumerate(kept.columns) if name in names]
    columns = [kept.columns[place] for place in places]
    return replace(
        _rewritten(folder, kept, lambda rows: [[row[place] for place in places] for row in rows]),
        columns=columns,
    )
