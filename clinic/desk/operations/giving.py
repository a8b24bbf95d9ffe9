"""To whom a form is given: with which services, to new or returning patients, of which age."""

from collections.abc import Collection
from datetime import datetime

from clinic.core.db import transaction
from clinic.core.values import Actor
from clinic.intake.operations.ordering import place_form
from clinic.intake.operations.questionnaires import Habits, write_habits
from clinic.intake.queries.questionnaires import get_questionnaire
from clinic.scheduling.operations.asked_forms import ask_with


@transaction
def give_form(
    *,
    slug: str,
    services: Collection[str],
    habits: Habits,
    after: str | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Let these services (slugs) ask for a form, and those patients be given it, from now on.

    Patients meet it behind the form ``after`` ("": first), or where they did (None).

    Raises NotFound for a form or a service that is not there.
    """
    if after is not None:
        place_form(slug=slug, after=after, actor=actor, now=now)
    address = get_questionnaire(slug=slug).url
    ask_with(form=slug, names={slug, address}, services=services, actor=actor, now=now)
    write_habits(slug=slug, habits=habits, actor=actor, now=now)
