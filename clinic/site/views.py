"""The home page, and the facts that frame every page."""

from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, render_template

from clinic.core.clock import now
from clinic.scheduling.queries.setting import currency, get_setting
from clinic.site.presenters import present_home, present_site
from clinic.site.queries import find_next_free
from clinic.web.access import public
from clinic.web.pages import SiteFacts

blueprint = Blueprint("site", __name__)


@blueprint.get("/")
@public
def home() -> str:
    """Who we are, the ways to start, what is offered, the people and their next free times."""
    setting = get_setting()
    next_free = find_next_free(setting=setting, now=now())
    page = present_home(setting=setting, next_free=next_free, currency=currency())
    return render_template("site/home.html", page=page)


def site_facts() -> SiteFacts:
    """What layouts print of the clinic; give it to `clinic.web.pages.init_pages`."""
    setting = get_setting()
    today = now().astimezone(ZoneInfo(setting.zone)).date()
    is_demo = current_app.config["CLINIC"].env == "demo"
    return present_site(setting=setting, today=today, is_demo=is_demo)
