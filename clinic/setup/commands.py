"""`flask --app wsgi clinic load | dump`: the clinic as a file."""

import sys
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import AppGroup

from clinic.core import clock
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.setup.operations import StrandedVisits, load_clinic
from clinic.setup.queries import dump_clinic
from clinic.setup.rules.clinic_file import ClinicFile
from clinic.setup.rules.faults import WrongClinicFile
from clinic.setup.rules.reading import LARGEST_FILE, read_clinic_file

FAULTY = 1
UNREADABLE = 2

clinic = AppGroup("clinic", help="The clinic's set-up as one file.")


@clinic.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--allow-stranded", is_flag=True, help="Load even if booked visits lose their place.")
def load(file: Path, allow_stranded: bool) -> None:
    """Let the clinic be what FILE says; what it no longer names is retired, never deleted.

    A wrong file changes nothing and each fault is named with its place (exit 1). A file that
    cannot be read is exit 2.
    """
    values = _read(file)
    try:
        loaded = load_clinic(
            file=values,
            actor=Actor(kind="system", name="clinic load"),
            now=clock.now(),
            allow_stranded=allow_stranded,
        )
    except StrandedVisits as refusal:
        _tell_stranded(refusal)
    except Refusal as refusal:
        _stop(refusal.message, FAULTY)
    else:
        for change in loaded.changes:
            click.echo(str(change))
        for public_id in loaded.stranded:
            click.echo(f"stranded visit: {public_id}")
        what = "loaded" if loaded.changes else "unchanged"
        click.echo(f"{values.name}: {what}, version {loaded.version}")


@clinic.command("dump")
def dump() -> None:
    """Write the clinic in force to stdout as a file that `clinic load` takes."""
    try:
        text = dump_clinic()
    except Refusal as refusal:
        _stop(refusal.message, FAULTY)
    else:
        click.echo(text.encode(), nl=False)


def _read(file: Path) -> ClinicFile:
    """The file's values, or the end of the command."""
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        _stop(f"{file} cannot be read: {error.strerror or error}", UNREADABLE)
    try:
        return read_clinic_file(data=data)
    except WrongClinicFile as wrong:
        count = len(wrong.faults)
        click.echo(f"{file}: {count} fault{'s' * (count > 1)}, nothing was changed.", err=True)
        click.echo("Tables are counted from 0.", err=True)
        _stop(str(wrong), FAULTY)


def _tell_stranded(refusal: StrandedVisits) -> None:
    click.echo(f"{refusal.message} Nothing was changed.", err=True)
    for visit in refusal.details["visits"]:
        click.echo(
            f"{visit['local']}  {visit['practitioner']}  {visit['service']}  {visit['location']}"
            f"  {visit['id']}  loses: {', '.join(visit['lost'])}",
            err=True,
        )
    _stop("Move or cancel them first, or add --allow-stranded.", FAULTY)


def _stop(message: str, code: int) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)
