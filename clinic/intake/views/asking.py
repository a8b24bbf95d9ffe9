"""Who asks for which form, as upper slices know it."""

from collections.abc import Callable, Mapping, Sequence

from flask import Flask, current_app

KEY = "who asks for forms"
Askers = Mapping[str, Sequence[str]]


def init_askers(app: Flask, *, list_askers: Callable[[], Askers]) -> None:
    """Let pages name who asks for a form: `list_askers` answers names by slug or address."""
    app.extensions[KEY] = list_askers


def who_asks() -> Askers:
    """The names of what asks for a form, by the form's slug or address."""
    found: Askers = current_app.extensions[KEY]()
    return found
