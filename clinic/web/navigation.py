"""The desk's own links: each slice names its pages and the roles that may open them.

A link is shown only to those roles, and only where the app answers: what nobody may open, or what
is not built, is not promised.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from flask import Blueprint, Flask, current_app, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel.speaklater import LazyString

from clinic.core.errors import Forbidden
from clinic.core.values import Role
from clinic.web.access import access_rule, allow, current_actor
from clinic.web.pages import page_at

KEY = "clinic.navigation"
START = "/desk/start"

blueprint = Blueprint("navigation", __name__)


@dataclass(frozen=True, slots=True, order=True)
class DeskLink:
    """A page of the desk. ``order``: a smaller number stands higher, in the order of a day's work.

    Taken: 10 today, 20 calendar, 30 book by phone, 40 requests, 50 safety, 60 waitlist, 70
    forms, 80 orders, 85 till, 90 patients, 95 guardians, 100 numbers, 110 messages, 120 staff, 125
    website, 130 settings, 140 audit trail.
    """

    order: int
    path: str
    icon: str = field(compare=False)
    words: LazyString = field(compare=False)
    roles: frozenset[Role] = field(compare=False)
    count: Callable[[], int] | None = field(compare=False, default=None)


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link ready to print. ``current``: "page" on the page itself, "true" below it, else "".

    ``count`` is how much waits there.
    """

    path: str
    icon: str
    words: str
    current: str
    count: int = 0


def init_navigation(app: Flask) -> None:
    """Let layouts ask for the desk's links, and answer at the desk's start."""
    app.extensions[KEY] = []
    app.jinja_env.globals.update(desk_links=desk_links, may_open=may_open)
    app.register_blueprint(blueprint)


def add_desk_link(
    app: Flask,
    *,
    path: str,
    icon: str,
    words: LazyString,
    roles: Iterable[Role],
    order: int,
    count: Callable[[], int] | None = None,
) -> None:
    """Put a page among the desk's links; ``icon`` is one of components/icon.html.

    ``count`` tells how much waits there, in one query: it is asked on every page of the desk.

    ``roles`` are those that the page's view allows; a convention test holds the two together.
    """
    link = DeskLink(
        order=order, path=path, icon=icon, words=words, roles=frozenset(roles), count=count
    )
    app.extensions[KEY].append(link)


def list_desk_links(app: Flask) -> tuple[DeskLink, ...]:
    """Every link that a slice has named, in their order."""
    return tuple(sorted(app.extensions[KEY]))


def desk_links() -> tuple[LinkView, ...]:
    """The links that the caller's role may open."""
    shown = _links_of(current_actor().role)
    here = _current(shown)
    return tuple(
        LinkView(
            path=link.path,
            icon=link.icon,
            words=str(link.words),
            current=_how(link) if link is here else "",
            count=link.count() if link.count else 0,
        )
        for link in shown
    )


def may_open(path: str, method: str = "GET") -> bool:
    """Whether this app answers there, and answers the caller's role."""
    if not page_at(path, method):
        return False
    endpoint, _arguments = current_app.url_map.bind("").match(path, method=method)
    rule = access_rule(current_app.view_functions[endpoint])
    return rule is not None and current_actor().role in rule.roles


@blueprint.get(START)
@allow(*Role)
def start() -> ResponseReturnValue:
    """Send staff to the first page of their role; raises Forbidden when there is none."""
    found = _links_of(current_actor().role)
    if not found:
        raise Forbidden
    return redirect(found[0].path, 303)


def _links_of(role: Role | None) -> tuple[DeskLink, ...]:
    links = list_desk_links(current_app)
    return tuple(link for link in links if role in link.roles and page_at(link.path))


def _current(links: tuple[DeskLink, ...]) -> DeskLink | None:
    """The link that leads nearest to where the reader is."""
    above = [link for link in links if f"{request.path}/".startswith(f"{link.path}/")]
    return max(above, key=lambda link: len(link.path), default=None)


def _how(link: DeskLink) -> str:
    return "page" if request.path == link.path else "true"
