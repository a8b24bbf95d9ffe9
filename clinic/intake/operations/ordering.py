"""In which order patients meet the forms that are asked of them."""

from datetime import datetime

from sqlalchemy import select

from clinic.core import audit
from clinic.core.db import db, in_transaction
from clinic.core.errors import NotFound
from clinic.core.values import Actor
from clinic.intake.models import Questionnaire


def place_form(*, slug: str, after: str, actor: Actor, now: datetime) -> None:
    """Let patients meet a form right behind another one, inside a transaction.

    ``after`` is the other form's slug, "" for the first place; behind itself it stays where it is.
    Lists of forms that are open already follow too. Raises NotFound for a form that is not there,
    and RuntimeError outside a transaction.
    """
    if not in_transaction():
        raise RuntimeError("the order of forms changes inside an operation")
    rows = db.session.scalars(select(Questionnaire).order_by(Questionnaire.id).with_for_update())
    stand = sorted(rows, key=lambda row: (row.position, row.id))
    by_slug = {row.slug: row for row in stand}
    if slug not in by_slug or after not in {"", *by_slug}:
        raise NotFound
    if after == slug:
        return
    order = [row for row in stand if row.slug != slug]
    place = order.index(by_slug[after]) + 1 if after else 0
    order.insert(place, by_slug[slug])
    if order == stand:
        return
    for position, row in enumerate(order, start=1):
        row.position = position
    audit.record(
        action="questionnaire.placed",
        actor=actor,
        now=now,
        details={"form": slug, "order": [row.slug for row in order]},
    )
