"""What visitors read: the home page, conditions, people, and the pages about the site itself."""

from zoneinfo import ZoneInfo

from flask import current_app, render_template

from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.gait.queries.products import sells
from clinic.scheduling.queries.setting import currency, get_setting
from clinic.site.presenters.articles import present_article, present_teaser
from clinic.site.presenters.frame import present_site
from clinic.site.presenters.home import present_home
from clinic.site.presenters.people import present_people, present_profile
from clinic.site.presenters.structured import (
    clinic_data,
    condition_data,
    offers_data,
    person_data,
)
from clinic.site.queries.next_free import find_next_free
from clinic.site.queries.texts import get_shown_text, get_text, get_texts, list_shown
from clinic.site.rules.texts import Kind, Name
from clinic.site.views.blueprint import blueprint
from clinic.web.access import public
from clinic.web.packing import packed
from clinic.web.pages import SiteFacts, base_url


@blueprint.get("/")
@public
@packed
def home() -> str:
    """Who we are, the ways to start, what is offered, the people and their next free times."""
    setting, at = get_setting(), now()
    page = present_home(
        setting=setting,
        next_free=find_next_free(setting=setting, now=at),
        texts=get_texts(),
        currency=currency(),
    )
    today = at.astimezone(ZoneInfo(setting.zone)).date()
    data = clinic_data(
        setting=setting, base_url=base_url(), today=today, description=page.description
    )
    return render_template("site/home.html", page=page, data=[data], sells=sells())


@blueprint.get("/conditions")
@public
@packed
def conditions() -> str:
    """What we have written about conditions."""
    texts = list_shown(kind=Kind.CONDITION)
    return render_template(
        "site/conditions.html", teasers=[present_teaser(text=text) for text in texts]
    )


@blueprint.get("/conditions/<slug>")
@public
@packed
def condition(slug: str) -> str:
    """Symptoms, causes, diagnosis and treatment of one condition."""
    text = get_shown_text(name=Name(Kind.CONDITION, slug))
    page = present_article(text=text, path=f"/conditions/{slug}")
    data = [condition_data(article=page, base_url=base_url())]
    return render_template("site/condition.html", page=page, data=data)


@blueprint.get("/people")
@public
@packed
def people() -> str:
    """Everybody a patient may see, with the next free time of each."""
    setting = get_setting()
    next_free = find_next_free(setting=setting, now=now())
    found = present_people(setting=setting, next_free=next_free, texts=get_texts())
    return render_template("site/people.html", people=found)


@blueprint.get("/people/<slug>")
@public
@packed
def person(slug: str) -> str:
    """Who somebody is, what they do, and when they are free."""
    setting = get_setting()
    one = setting.practitioners.get(slug)
    if one is None:
        raise NotFound
    page = present_profile(
        setting=setting,
        one=one,
        text=get_text(name=Name(Kind.PERSON, slug)),
        free=find_next_free(setting=setting, now=now()).get(slug),
        currency=currency(),
    )
    address = base_url()
    data = [
        person_data(profile=page, base_url=address),
        *offers_data(profile=page, base_url=address),
    ]
    return render_template("site/person.html", page=page, data=data)


@blueprint.get("/privacy", defaults={"slug": "privacy"})
@blueprint.get("/accessibility", defaults={"slug": "accessibility"})
@public
@packed
def page(slug: str) -> str:
    """A page about the site itself."""
    text = get_shown_text(name=Name(Kind.PAGE, slug))
    return render_template("site/page.html", page=present_article(text=text, path=f"/{slug}"))


def site_facts() -> SiteFacts:
    """What layouts print of the clinic; give it to `clinic.web.pages.init_pages`."""
    setting = get_setting()
    today = now().astimezone(ZoneInfo(setting.zone)).date()
    is_demo = current_app.config["CLINIC"].env == "demo"
    return present_site(setting=setting, today=today, is_demo=is_demo)
