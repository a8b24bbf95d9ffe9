"""`flask --app wsgi clinic load | dump`: the clinic as a file; `demo load`: one to try."""

import sys
from pathlib import Path
from typing import NoReturn

import click
from flask import current_app
from flask.cli import AppGroup

from clinic.core import clock
from clinic.core.commands import on_our_schema
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.intake.operations.questionnaires import seed_library
from clinic.intake.queries.questionnaires import list_given
from clinic.people.queries import find_account
from clinic.setup.demo.family import RELATIVES
from clinic.setup.demo.forms import demo_forms_hint
from clinic.setup.demo.loading import load_demo
from clinic.setup.demo.people import PASSWORD, STAFF
from clinic.setup.operations import StrandedVisits, load_clinic
from clinic.setup.queries import dump_clinic, find_clinic_file
from clinic.setup.rules.clinic_file import ClinicFile
from clinic.setup.rules.faults import WrongClinicFile
from clinic.setup.rules.reading import LARGEST_FILE, read_clinic_file

FAULTY = 1
UNREADABLE = 2
LOADING = Actor(kind="system", name="clinic load")

clinic = AppGroup("clinic", help="The clinic's set-up as one file.")
demo = AppGroup("demo", help="A fictitious clinic to try things on.")


@clinic.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--allow-stranded", is_flag=True, help="Load even if booked visits lose their place.")
@on_our_schema
def load(file: Path, allow_stranded: bool) -> None:
    """Let the clinic be what FILE says; what it no longer names is retired, never deleted.

    A clinic without any form gets ours, for its clinicians to review. A wrong file changes nothing
    and each fault is named with its place (exit 1). A file that cannot be read is exit 2.
    """
    values = _read(file)
    try:
        loaded = load_clinic(
            file=values,
            actor=LOADING,
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
        seed_library(actor=LOADING, now=clock.now())
        _tell_missing_forms(values)
        what = "loaded" if loaded.changes else "unchanged"
        click.echo(f"{values.name}: {what}, version {loaded.version}")


def _tell_missing_forms(values: ClinicFile) -> None:
    """Name the forms that services ask for and nobody is given: they may be imported later."""
    for service in values.services:
        for name in service.forms:
            if not list_given(names=[name]):
                told = f'service "{service.slug}" asks for the form "{name}", which is not in use'
                click.echo(f"{told}: nobody is asked for it until it is.", err=True)


@clinic.command("dump")
@on_our_schema
def dump() -> None:
    """Write the clinic in force to stdout as a file that `clinic load` takes."""
    try:
        text = dump_clinic()
    except Refusal as refusal:
        _stop(refusal.message, FAULTY)
    else:
        click.echo(text.encode(), nl=False)


@demo.command("load")
@on_our_schema
def load_demo_clinic() -> None:
    """Make the demo clinic, its staff and three weeks of visits, unless there is a clinic.

    Refused in production: everybody knows the passwords.
    """
    if current_app.config["CLINIC"].env == "production":
        _stop("The demo clinic has known passwords; it is never loaded in production.", FAULTY)
    if find_clinic_file() is None:
        click.echo("Making the demo clinic; this takes a few seconds ...", err=True)
    made = load_demo(now=clock.now())
    if made is None:
        click.echo("There is a clinic already; nothing was changed.", err=True)
    else:
        click.echo(f"{made.visits} visits made.", err=True)
    for line in _sign_ins():
        click.echo(line)
    hint = demo_forms_hint(now=clock.now())
    if hint:
        click.echo(hint)


def _sign_ins() -> list[str]:
    """The demo's accounts as far as they are there, with the password they all share."""
    there = [one for one in STAFF if find_account(email=one.email) is not None]
    if not there:
        return []
    return [
        f"Sign in at /sign-in with the password  {PASSWORD}",
        *(f"  {one.email:<24}{one.role.value:<12}{one.name}" for one in there),
        "A family signs in at /portal/sign-in with a code by e-mail and the date of birth",
        *(
            f"  {one.email:<27}{one.birth_date:%m/%d/%Y}  {one.name}, {one.is_for}"
            for one in RELATIVES
        ),
    ]


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
