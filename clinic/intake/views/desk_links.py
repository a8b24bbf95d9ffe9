"""The desk's links to the pages of this slice."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from clinic.intake.queries.safety import count_waiting
from clinic.intake.views import manager, safety, signatures
from clinic.web.navigation import add_desk_link


def add_links(app: Flask) -> None:
    """Safety, questionnaires and signatures; the views' own rules say who may open them."""
    add_desk_link(
        app,
        path="/desk/safety",
        icon="flag",
        words=_l("Safety"),
        roles=safety.READERS,
        order=50,
        count=count_waiting,
    )
    for path, words, roles, order in (
        ("/desk/questionnaires", _l("Questionnaires"), manager.MANAGERS, 127),
        (signatures.PATH, _l("Signatures"), signatures.PROVERS, 138),
    ):
        add_desk_link(app, path=path, icon="form", words=words, roles=roles, order=order)
