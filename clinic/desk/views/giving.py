"""Which form is asked for with which service, and of whom: the manager's page."""

from collections.abc import Mapping

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.values import Role
from clinic.desk.forms.giving import GivingForm
from clinic.desk.operations.giving import give_form
from clinic.desk.views.blueprint import blueprint
from clinic.intake.operations.questionnaires import habits_of
from clinic.intake.queries.questionnaires import get_questionnaire, list_titles
from clinic.scheduling.queries.setting import get_setting
from clinic.web.access import allow, current_actor

FORMS = "/desk/questionnaires"
GIVEN = f"{FORMS}/<slug>/given"


@blueprint.get(GIVEN)
@allow(Role.ADMIN)
def show_giving(slug: str) -> ResponseReturnValue:
    """To whom a form is given as things stand."""
    found, titles = get_questionnaire(slug=slug), list_titles()
    names = {found.slug, found.url}
    services = get_setting().services.values()
    asking = [one.slug for one in services if names.intersection(one.forms)]
    order = ["", *titles]
    before = order[order.index(slug) - 1]
    return _page(slug, GivingForm.of(habits_of(found), asking, before), titles)


@blueprint.post(GIVEN)
@allow(Role.ADMIN)
def keep_giving(slug: str) -> ResponseReturnValue:
    """Give it to them from the next booking on."""
    found, form = get_questionnaire(slug=slug), GivingForm()
    habits = form.read()
    if habits is None:
        return _page(found.slug, form, list_titles()), 422
    give_form(
        slug=slug,
        services=form.services.data or (),
        habits=habits,
        after=form.after.data,
        actor=current_actor(),
        now=now(),
    )
    return redirect(f"{FORMS}?done=giving", 303)


def _page(slug: str, form: GivingForm, titles: Mapping[str, str]) -> str:
    services = get_setting().services.values()
    return render_template(
        "desk/giving.html",
        form=form.offer(
            ((one.slug, one.name) for one in services),
            ((one, name) for one, name in titles.items() if one != slug),
        ),
        name=titles[slug],
        path=f"{FORMS}/{slug}/given",
    )
