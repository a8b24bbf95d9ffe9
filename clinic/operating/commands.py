"""`flask --app wsgi keys rotate | status` and `check-deploy`."""

import os
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from clinic.core import rotation
from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.commands import on_our_schema
from clinic.core.crypto import keyring
from clinic.core.values import Actor
from clinic.operating.checks import Level, check_deployment
from config import Config

OPERATOR = Actor(kind="system", name="command line")

keys = AppGroup("keys", help="The keys of encrypted fields.")


@keys.command("rotate")
@on_our_schema
def rotate_keys() -> None:
    """Seal every encrypted text anew with the first key of CLINIC_KEYS.

    The clinic may go on working. Stopped in the middle, the next run goes on; run again, nothing
    changes. Exit 1 when a text opens with no key of the ring: it is left as it is.
    """
    active, unreadable, done = keyring().active, 0, 0
    click.echo(f"The active key is {active}.")
    for column in rotation.list_sealed_columns():
        for step in rotation.rotate(column):
            done += step.done
            unreadable += step.unreadable
            click.echo(f"{step.label}: {step.done} rows sealed anew")
    if done:
        record_look(
            action="keys.rotated",
            actor=OPERATOR,
            now=now(),
            details={"key": active, "rows": done, "unreadable": unreadable},
        )
    _tell_rest()
    if unreadable:
        click.echo(f"{unreadable} rows open with no key of CLINIC_KEYS.", err=True)
        raise click.exceptions.Exit(1)


@keys.command("status")
@on_our_schema
def keys_status() -> None:
    """Say how many texts are not sealed with the first key of CLINIC_KEYS."""
    click.echo(f"The active key is {keyring().active}.")
    _tell_rest()


def _tell_rest() -> None:
    """Count what is left: what should be none, and what stays for ever as it was written."""
    columns = rotation.list_sealed_columns()
    left = sum(rotation.count_old(one) for one in columns if not one.is_fixed)
    for column in columns:
        if column.is_fixed and (fixed := rotation.count_old(column)):
            click.echo(f"{column.label}: {fixed} rows of an append-only table keep their key")
    if seals := rotation.count_old_seals():
        click.echo(f"audit_seals.hash: {seals} links of the audit trail keep their key")
    click.echo(f"rows on old key = {left}")


@click.command("check-deploy")
@with_appcontext
def check_deploy() -> None:
    """Say what stands between this installation and real patients; exit 1 when something fails."""
    config: Config = current_app.config["CLINIC"]
    found = check_deployment(config=config, environ=os.environ, now=now(), home=Path.cwd())
    for check in found:
        click.echo(f"{check.level.value:5} {check.name}: {check.says}")
        if check.level is not Level.OK and check.remedy:
            click.echo(f"      {check.remedy}")
    failed = sum(check.level is Level.FAIL for check in found)
    warned = sum(check.level is Level.WARN for check in found)
    click.echo(f"{len(found)} checks: {failed} failed, {warned} to look at.")
    if failed:
        raise click.exceptions.Exit(1)
