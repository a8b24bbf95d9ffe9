"""What search engines ask for before they read."""

from flask import Response, render_template

from clinic.scheduling.queries.setting import get_setting
from clinic.site.presenters.map import public_paths
from clinic.site.queries.texts import list_shown
from clinic.site.rules.texts import Kind
from clinic.site.views.blueprint import blueprint
from clinic.web.access import public
from clinic.web.packing import packed
from clinic.web.pages import page_at, page_url

ROBOTS = """User-agent: *
Disallow: /api/
Disallow: /desk
Disallow: /visits/
Disallow: /set-up/

Sitemap: {sitemap}
"""


@blueprint.get("/robots.txt")
@public
@packed
def robots() -> Response:
    """What need not be visited, and where the map of the rest is."""
    return Response(ROBOTS.format(sitemap=page_url("/sitemap.xml")), mimetype="text/plain")


@blueprint.get("/sitemap.xml")
@public
@packed
def sitemap() -> Response:
    """Every page that is meant to be found."""
    conditions = list_shown(kind=Kind.CONDITION)
    paths = public_paths(setting=get_setting(), conditions=conditions)
    urls = [page_url(path) for path in paths if page_at(path)]
    return Response(render_template("site/sitemap.xml", urls=urls), mimetype="application/xml")
