"""`flask --app wsgi reconcile`: ask the payment service by its objects, mend, say what was done."""

import click
from flask.cli import with_appcontext

from clinic.core.clock import now
from clinic.core.commands import on_our_schema
from clinic.payments.gateway import PaymentUnavailable, takes_payments
from clinic.payments.invariants import broken_invariants
from clinic.payments.reconciling import reconcile as mend


@click.command("reconcile")
@click.option("--check", is_flag=True, help="Only look whether the books are right; ask nobody.")
@with_appcontext
@on_our_schema
def reconcile(*, check: bool) -> None:
    """Ask what became of everything that is not settled, and mend what differs.

    A second run changes nothing. Exit 1 when the books are wrong, 2 when nobody answers.
    """
    if not check:
        _mend()
    broken = broken_invariants()
    for sentence in broken:
        click.echo(sentence)
    click.echo("The books are right." if not broken else "The books are wrong: see above.")
    if broken:
        raise click.exceptions.Exit(1)


def _mend() -> None:
    if not takes_payments():
        click.echo("No payments are taken: STRIPE_API_KEY is not set.")
        return
    try:
        report = mend(now=now())
    except PaymentUnavailable:
        click.echo("The payment service does not answer; try again later.", err=True)
        raise click.exceptions.Exit(2) from None
    for line in report.mended:
        click.echo(f"mended: {line}")
    for session_id in report.unknown:
        click.echo(f"not ours: {session_id}")
    click.echo(f"{report.looked_at} payments looked at, {len(report.mended)} mended.")
