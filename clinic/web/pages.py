"""What every page shows around its own content: the clinic's name, phone, hours and addresses.

The facts come from a slice above, through `init_pages`. Pages ask for them when they are drawn;
error pages only use what this process still remembers, so they stand without a database.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app, request
from flask_babel import get_locale
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from clinic.web.addresses import local_path

KEY = "clinic.site"


@dataclass(frozen=True, slots=True)
class Place:
    """An address; `name` is empty where the clinic has only one."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class OpenHours:
    """The usual week as lines ready to print; `place` is empty where it holds everywhere."""

    place: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What the frame of a page says of the clinic."""

    name: str
    phone: str
    places: tuple[Place, ...] = ()
    hours: tuple[OpenHours, ...] = ()
    is_demo: bool = False

    @property
    def needs_tag(self) -> bool:
        """Whether the name alone does not say that this is a demonstration."""
        return self.is_demo and "demo" not in self.name.lower()


class _Site:
    def __init__(self, load: Callable[[], SiteFacts]) -> None:
        self._load = load
        self.remembered: SiteFacts | None = None

    def current(self) -> SiteFacts:
        """The facts, read once for each request."""
        kept: SiteFacts | None = request.environ.get(KEY)
        if kept is None:
            kept = request.environ[KEY] = self.remembered = self._load()
        return kept


def init_words(app: Flask) -> None:
    """Give templates what letters ask for too: the language, and whole addresses of pages."""
    app.jinja_env.globals.update(page_url=page_url, page_language=page_language)


def init_pages(app: Flask, *, site_facts: Callable[[], SiteFacts]) -> None:
    """Let layouts ask for the clinic's facts, for pages that exist and for the page's language.

    `site_facts` may raise what a lost database raises; the request then ends as a 503 page.
    """
    site = _Site(site_facts)
    app.extensions[KEY] = site
    app.jinja_env.globals.update(
        site_facts=site.current,
        remembered_site=lambda: site.remembered,
        page_at=page_at,
        just_done=just_done,
    )


def just_done() -> str:
    """The word by which a deed that led here says in the address what it was; "" where none did."""
    return request.args.get("done", "") if request.method == "GET" else ""


def page_at(path: str, method: str = "GET") -> bool:
    """Whether this app answers at `path`: a page is linked when it does something, not before."""
    try:
        endpoint, _arguments = current_app.url_map.bind("").match(path, method=method)
    except (HTTPException, RequestRedirect):
        return False
    return bool(endpoint)


def nearest_page() -> str:
    """The page that what was sent belongs to: the nearest path at or above this one that can be
    looked at; "" where only the home page is. A step of a form has no page of its own."""
    path = request.path.rstrip("/")
    while path and not page_at(path):
        path = path.rpartition("/")[0]
    return local_path(path, otherwise="")


def base_url() -> str:
    """The address of the site without a slash at its end, as everybody outside knows it."""
    return str(current_app.config["CLINIC"].base_url).rstrip("/")


def page_url(path: str) -> str:
    """The whole address of a page of ours, for search engines and links that are passed on."""
    return f"{base_url()}{path}"


def page_language() -> str:
    """The language of the page's words as a BCP 47 tag."""
    return str(get_locale() or "en").replace("_", "-")
