"""`flask --app wsgi signatures verify`: is what was signed still what it was."""

import click
from flask.cli import AppGroup

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.commands import on_our_schema
from clinic.core.values import Actor
from clinic.intake.queries.signatures import verify_signatures

OPERATOR = Actor(kind="system", name="command line")

signatures = AppGroup("signatures", help="Signatures under forms.")


@signatures.command("verify")
@on_our_schema
def verify() -> None:
    """Prove every signature and everything that was handed in anew; exit 1 names what is wrong."""
    verdict = verify_signatures()
    record_look(
        action="signatures.verified",
        actor=OPERATOR,
        now=now(),
        details={"signatures": verdict.signatures, "whole": verdict.fault is None},
    )
    if verdict.fault:
        click.echo(f"Not what was signed: {verdict.fault}.")
        raise click.exceptions.Exit(1)
    click.echo(f"All that was signed is as it was: {verdict.signatures} signatures.")
