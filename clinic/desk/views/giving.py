"""Which form is asked for with which service, and of whom: the manager's page."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.values import Role
from clinic.desk.forms.giving import GivingForm
from clinic.desk.operations.giving import give_form
from clinic.desk.views.blueprint import blueprint
from clinic.intake.operations.questionnaires import habits_of
from clinic.intake.queries.questionnaires import get_questionnaire, title_of
from clinic.scheduling.queries.setting import get_setting
from clinic.web.access import allow, current_actor

FORMS = "/desk/questionnaires"
GIVEN = f"{FORMS}/<slug>/given"


@blueprint.get(GIVEN)
@allow(Role.ADMIN)
def show_giving(slug: str) -> ResponseReturnValue:
    """To whom a form is given as things stand."""
    found = get_questionnaire(slug=slug)
    names = {found.slug, found.url}
    services = get_setting().services.values()
    asking = [one.slug for one in services if names.intersection(one.forms)]
    return _page(slug, GivingForm.of(habits_of(found), asking))


@blueprint.post(GIVEN)
@allow(Role.ADMIN)
def keep_giving(slug: str) -> ResponseReturnValue:
    """Give it to them from the next booking on."""
    form = GivingForm()
    habits = form.read()
    if habits is None:
        return _page(slug, form), 422
    give_form(
        slug=slug,
        services=form.services.data or (),
        habits=habits,
        actor=current_actor(),
        now=now(),
    )
    return redirect(FORMS, 303)


def _page(slug: str, form: GivingForm) -> str:
    found = get_questionnaire(slug=slug)
    services = get_setting().services.values()
    return render_template(
        "desk/giving.html",
        form=form.offer((one.slug, one.name) for one in services),
        name=title_of(questionnaire_id=found.id) or found.slug,
        path=f"{FORMS}/{found.slug}/given",
    )
