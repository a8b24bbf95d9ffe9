"""What operators type: ``flask --app wsgi staff | token | audit | worker``."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import DBAPIError

from clinic.core import audit
from clinic.core.clock import now
from clinic.core.commands import on_our_schema
from clinic.core.errors import Invalid, Refusal
from clinic.core.values import Actor, Role
from clinic.core.worker import work
from clinic.people.operations import (
    LINK_LASTS,
    create_staff,
    create_token,
    new_setup_link,
    reset_second_factor,
    revoke_tokens,
)
from clinic.people.queries import find_account
from config import Config
from serving.asking import Company, begin_anew

OPERATOR = Actor(kind="system", name="command line")
ROLES = click.Choice([role.value for role in Role])

staff = AppGroup("staff", help="People who work here.")
token = AppGroup("token", help="Keys of programs to the API.")
trail = AppGroup("audit", help="The audit trail.")


LATER = (
    ("backup", "clinic.operating.backup_commands", "Write the whole clinic into a new folder."),
    ("clinic", "clinic.setup.commands", "The clinic's set-up as one file."),
    ("db", "flask_migrate.cli", "Perform database migrations."),
    ("demo", "clinic.setup.commands", "A fictitious clinic to try things on."),
    ("reconcile", "clinic.payments.commands", "Ask the payment service what is true, and mend."),
    (
        "questionnaire",
        "clinic.intake.commands",
        "Forms as data: FHIR R4 questionnaires.",
    ),
    ("restore", "clinic.operating.backup_commands", "Put a backup into an empty database."),
    ("signatures", "clinic.intake.signature_commands", "Signatures under forms."),
)
"""Commands, and groups of them, that no server needs: name, the module that holds it, help."""


class LaterGroup(click.Command):
    """A command or group whose module is imported when it is asked for: no server carries it."""

    def __init__(self, name: str, *, module: str, help: str) -> None:  # noqa: A002 - click's word
        super().__init__(name, help=help)
        self._module = module

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Step aside for what is meant: its options, its help, its commands."""
        found: click.Command = getattr(import_module(self._module), self.name or "")
        return found.make_context(info_name, args, parent, **extra)


def init_commands(app: Flask) -> None:
    """Add the commands to the application."""
    for command in (staff, token, trail, worker):
        app.cli.add_command(command)
    for name, module, help_text in LATER:
        app.cli.add_command(LaterGroup(name, module=module, help=help_text))


@contextmanager
def _refusals_spoken() -> Iterator[None]:
    """A refusal is told in its words and ends with status 2."""
    try:
        yield
    except Invalid as refusal:
        faults = (f"{name}: {text}" for name, texts in refusal.errors.items() for text in texts)
        _fail("; ".join(faults))
    except Refusal as refusal:
        _fail(refusal.message)


def _fail(sentence: str) -> NoReturn:
    click.echo(f"Error: {sentence}", err=True)
    raise click.exceptions.Exit(2)


@staff.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=ROLES)
@on_our_schema
def staff_create(email: str, name: str, role: str) -> None:
    """Make an account and print the one-time link for choosing its password."""
    with _refusals_spoken():
        made = create_staff(email=email, name=name, role=Role(role), actor=OPERATOR, now=now())
    _print_link(made)


@staff.command("link")
@click.option("--email", required=True)
@on_our_schema
def staff_link(email: str) -> None:
    """Print a new one-time link for an account whose link or password was lost."""
    with _refusals_spoken():
        made = new_setup_link(email=email, actor=OPERATOR, now=now())
    _print_link(made)


@staff.command("reset-second-factor")
@click.option("--email", required=True)
@on_our_schema
def staff_reset_second_factor(email: str) -> None:
    """Take somebody's lost app and recovery codes out of use, and sign them out everywhere."""
    account = find_account(email=email)
    if account is None:
        _fail("There is no member of staff with this e-mail address.")
    reset_second_factor(public_id=account.public_id, actor=OPERATOR, now=now())
    click.echo("The second factor is gone. In production they set up a new one at sign-in.")


def _print_link(made: str) -> None:
    config: Config = current_app.config["CLINIC"]
    hours = LINK_LASTS.total_seconds() / 3600
    click.echo(f"To choose a password, once, within {hours:.0f} hours, open:")
    click.echo(f"{config.base_url}/set-up/{made}")


@token.command("create")
@click.option("--name", required=True)
@click.option("--role", required=True, type=ROLES)
@on_our_schema
def token_create(name: str, role: str) -> None:
    """Make an API token and print it, this once."""
    with _refusals_spoken():
        made = create_token(name=name, role=Role(role), actor=OPERATOR, now=now())
    click.echo("The token; it is not shown again:")
    click.echo(made)


@token.command("revoke")
@click.argument("which", required=False)
@click.option("--name", help="The same as WHICH.")
@on_our_schema
def token_revoke(which: str | None, name: str | None) -> None:
    """End at once the token itself, or every token of that name."""
    named = name or which
    if named is None or (name and which):
        raise click.UsageError("Say which token: itself or its name.")
    with _refusals_spoken():
        count = revoke_tokens(which=named, actor=OPERATOR, now=now())
    click.echo(
        "The token no longer opens anything." if count == 1 else f"{count} tokens are ended."
    )


@trail.command("verify")
@click.option("--head", metavar="SEQ:HASH", help="A head kept elsewhere that must be in the chain.")
@on_our_schema
def audit_verify(head: str | None) -> None:
    """Recompute the chain; status 1 and the first broken row when it is not whole."""
    verdict = audit.verify(now=now(), expected_head=head)
    _note_verdict(verdict)
    if verdict.fault is not None:
        click.echo(f"The audit trail is broken: {verdict.fault}.")
        click.echo(f"Up to there {verdict.entries} sealed entries are whole.")
        raise click.exceptions.Exit(1)
    click.echo(f"The audit trail is whole: {verdict.entries} sealed entries.")
    click.echo(f"Keep its head elsewhere, to notice a cut-off end: {verdict.head}")


def _note_verdict(verdict: audit.Verdict) -> None:
    """Let the trail tell when it was verified; where it cannot, the verdict stands all the same."""
    details = {"entries": verdict.entries, "whole": verdict.fault is None}
    try:
        audit.record_look(action="audit.verified", actor=OPERATOR, now=now(), details=details)
    except (DBAPIError, Refusal) as error:
        click.echo(f"This could not be noted in the trail: {type(error).__name__}.", err=True)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Do the background work until SIGTERM or Ctrl-C."""
    app = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001
    if work(app, is_called_away=Company().is_there):
        begin_anew()
