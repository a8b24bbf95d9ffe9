"""What the demo's preparation said, kept so that a later start need not load the product for it.

Only for the embedded database, which can be looked at without the product: what was kept holds as
long as that database stands at the newest migration.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = "demo-prepared.txt"
DATABASE = "clinic.sqlite3"


def was_prepared(environ: Mapping[str, str]) -> str | None:
    """What the preparation of this data folder said, None when it has to run."""
    if environ.get("DATABASE_URL", "").strip():
        return None
    folder = _folder(environ)
    try:
        said = (folder / KEPT).read_text()
    except OSError:
        return None
    return said if _migration(folder / DATABASE) == _newest_migration() else None


def keep_prepared(environ: Mapping[str, str], said: str) -> None:
    """Remember it, readable by its owner only; a folder that takes no file forgets it."""
    kept = _folder(environ) / KEPT
    try:
        kept.touch(mode=0o600)
        kept.write_text(said)
    except OSError:
        return


def _folder(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("DATA_DIR", "").strip() or ROOT / "instance").expanduser()


def _migration(database: Path) -> str | None:
    """The migration at which the database stands, None where there is none."""
    try:
        address = f"{database.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return None
    return row[0] if row else None


def _newest_migration() -> str:
    return max(path.stem for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
