"""The desk's links to the pages of this slice."""

from collections.abc import Callable

from flask import Flask
from flask_babel import lazy_gettext as _l

from clinic.intake.views import manager, safety, signatures
from clinic.web.navigation import add_desk_link


def add_links(app: Flask, *, count: Callable[[], int]) -> None:
    """Safety, questionnaires and signatures; ``count`` tells how many safety events wait."""
    add_desk_link(
        app,
        path="/desk/safety",
        icon="flag",
        words=_l("Safety"),
        roles=safety.READERS,
        order=50,
        count=count,
    )
    for path, words, roles, order in (
        ("/desk/questionnaires", _l("Questionnaires"), manager.MANAGERS, 127),
        (signatures.PATH, _l("Signatures"), signatures.PROVERS, 138),
    ):
        add_desk_link(app, path=path, icon="form", words=words, roles=roles, order=order)
