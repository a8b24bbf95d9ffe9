"""What every command that opens the database looks at first."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import DBAPIError

from clinic.core.migrations import is_behind

REFUSED = 2
BEHIND = "The database is not set up for this version yet. Run: flask --app wsgi db upgrade"
SILENT = "The database does not answer; is DATABASE_URL right? Nothing was done."

Given = ParamSpec("Given")
Result = TypeVar("Result")


def on_our_schema(command: Callable[Given, Result]) -> Callable[Given, Result]:
    """Let the command run only where all migrations have; else one sentence and status 2.

    A database that is ahead of this code is let pass: no upgrade would mend that.
    """

    @wraps(command)
    def looking_first(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            behind = is_behind()
        except DBAPIError:
            click.echo(f"Error: {SILENT}", err=True)
            raise click.exceptions.Exit(REFUSED) from None
        if behind:
            click.echo(f"Error: {BEHIND}", err=True)
            raise click.exceptions.Exit(REFUSED)
        return command(*args, **kwargs)

    return looking_first
