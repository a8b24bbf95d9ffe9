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
    add_desk_link(
        app,
        path="/desk/questionnaires",
        icon="form",
        words=_l("Questionnaires"),
        roles=manager.MANAGERS,
        order=127,
    )
    add_desk_link(
        app,
        path=signatures.PATH,
        icon="form",
        words=_l("Signatures"),
        roles=signatures.PROVERS,
        order=138,
    )
