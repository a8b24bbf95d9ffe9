"""Where orders, money and the catalogue stand among the desk's links."""

from collections.abc import Callable

from flask import Flask
from flask_babel import lazy_gettext as _l

from clinic.core.values import Role
from clinic.gait.views.desk_lists import VIEWERS
from clinic.payments.queries.orders import count_tasks
from clinic.web.navigation import add_desk_link

MANAGER = (Role.ADMIN,)


def add_links(app: Flask, *, count: Callable[[], int] = count_tasks) -> None:
    """Name the pages and the roles that find them; ``count`` tells how many tasks wait."""
    add_desk_link(
        app,
        path="/desk/orders",
        icon="card",
        words=_l("Orders"),
        roles=VIEWERS,
        order=80,
        count=count,
    )
    for path, icon, words, order in (
        ("/desk/money", "numbers", _l("Money"), 85),
        ("/desk/products", "page", _l("What is sold"), 126),
    ):
        add_desk_link(app, path=path, icon=icon, words=words, roles=MANAGER, order=order)
