"""`flask --app wsgi backup DIR` and `restore DIR`."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from clinic.core import audit
from clinic.core.bulk import driver_error
from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.operating.backups.manifest import Manifest
from clinic.operating.backups.restoring import Restored, restore_backup
from clinic.operating.backups.writing import Made, make_backup

OPERATOR = Actor(kind="system", name="command line")
ENDING = (signal.SIGTERM, signal.SIGHUP)
FOLDER = click.Path(path_type=Path)


@click.command("backup")
@click.argument("place", metavar="DIR", type=FOLDER)
@with_appcontext
def backup(place: Path) -> None:
    """Write the whole clinic into the new folder DIR, while it goes on working.

    Database and uploads as of one moment; never the keys. Exit 2 when it is refused, 1 when it
    fails on the way; then nothing is left in DIR.
    """
    with _failures_spoken("The backup was not made"):
        made = make_backup(place=place, now=now())
    _note(made.manifest)
    _tell_made(made, place)


@click.command("restore")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option(
    "--send-waiting",
    is_flag=True,
    help="Nothing ran since the backup, as when moving: messages that wait go out.",
)
@with_appcontext
def restore(folder: Path, send_waiting: bool) -> None:
    """Put the backup in DIR into an empty database and data folder, of either engine.

    Needs the keys (CLINIC_KEYS) of the day of the backup. Exit 2 when it is refused, 1 when it
    fails on the way; then nothing is changed. Exit 1 too when the audit trail in it is not whole.
    """
    with _failures_spoken("Nothing was restored"):
        restored = restore_backup(
            folder=folder, actor=OPERATOR, now=now(), sends_waiting=send_waiting
        )
    _tell_restored(restored)
    if restored.verdict.fault is not None:
        click.echo(f"The audit trail is broken: {restored.verdict.fault}.", err=True)
        raise click.exceptions.Exit(1)


@contextmanager
def _failures_spoken(what: str) -> Iterator[None]:
    """Refusals and failures are told in words; a signal to end is a failure that tidies up."""
    before = {sign: signal.signal(sign, _end) for sign in ENDING}
    try:
        yield
    except Refusal as refusal:
        _fail(refusal.message, 2)
    except OSError as error:
        _fail(f"{what}: {error.strerror or error} ({error.filename or 'no file'}).", 1)
    except (DBAPIError, driver_error()) as error:
        _fail(f"{what}: the database failed ({str(error).splitlines()[0]}).", 1)
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _fail(sentence: str, status: int) -> NoReturn:
    click.echo(f"Error: {sentence}", err=True)
    raise click.exceptions.Exit(status)


def _note(manifest: Manifest) -> None:
    """Let the trail tell of it; where it cannot, the backup stands all the same."""
    details = {"made_at": manifest.made_at, "rows": manifest.rows}
    try:
        audit.record_look(action="backup.made", actor=OPERATOR, now=now(), details=details)
    except (DBAPIError, Refusal) as error:
        click.echo(f"This could not be noted in the trail: {type(error).__name__}.", err=True)


def _tell_made(made: Made, place: Path) -> None:
    manifest = made.manifest
    documents = manifest.documents
    click.echo(f"The backup is in {place}, as of {manifest.made_at} or a little later.")
    click.echo(
        f"{manifest.rows} rows of {len(manifest.tables)} tables ({manifest.engine}, "
        f"{manifest.revision}), {documents.count} uploads ({documents.size} bytes)."
    )
    click.echo(f"To restore it, these keys of CLINIC_KEYS are needed: {', '.join(manifest.keys)}.")
    click.echo("They are not in it: keep them elsewhere.")
    for name in made.lost_keys:
        click.echo(f"Some texts need the key {name}, which CLINIC_KEYS has no more.", err=True)
    if documents.missing:
        click.echo(
            f"{len(documents.missing)} uploads on record have no file under DATA_DIR; "
            f"{'/'.join(('documents', documents.missing[0]))} is one of them.",
            err=True,
        )


def _tell_restored(restored: Restored) -> None:
    manifest = restored.checked.manifest
    click.echo(f"Restored: the clinic as of {manifest.made_at}, from {manifest.engine}.")
    click.echo(
        f"{manifest.rows} rows of {len(manifest.tables)} tables, "
        f"{manifest.documents.count} uploads; {restored.verdict.entries} entries of the audit "
        "trail are sealed."
    )
    click.echo(
        f"{restored.held} messages that may have gone out since are held back: the desk finds "
        f"them among those that failed. {restored.dropped} with void codes or links are dropped."
    )
    click.echo("Everybody signs in anew. What was ended after the backup is as it was before:")
    click.echo(
        "look through accounts, API tokens, calendar addresses, links to forms, removed documents."
    )
    click.echo("Then: flask --app wsgi check-deploy, start the app, start the worker.")
