"""Which services ask for a form."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select

from clinic.core import audit
from clinic.core.db import db, in_transaction
from clinic.core.errors import NotFound
from clinic.core.values import Actor
from clinic.scheduling.models import Clinic, Service
from clinic.scheduling.queries.setting import NoClinic


def ask_with(
    *, form: str, names: Collection[str], services: Iterable[str], actor: Actor, now: datetime
) -> None:
    """Let exactly these services (slugs) ask for a form, inside a transaction.

    ``names`` are all that a service may call it by (slug, address); it is added as ``form``, the
    last of the service's forms. Visits that are booked already keep the forms they have. Raises
    NotFound for a service that is not there, and RuntimeError outside a transaction.
    """
    if not in_transaction():
        raise RuntimeError("services change inside an operation")
    clinic = db.session.scalar(select(Clinic).with_for_update())
    if clinic is None:
        raise NoClinic
    live = {row.slug: row for row in db.session.scalars(select(Service).where(_IS_LIVE))}
    wanted = set(services)
    if not wanted <= live.keys():
        raise NotFound
    changed = [row for row in live.values() if _settle(row, form, names, row.slug in wanted)]
    if not changed:
        return
    clinic.version += 1
    audit.record(
        action="clinic.forms-asked",
        actor=actor,
        now=now,
        subject="clinic",
        details={
            "version": clinic.version,
            "form": form,
            "services": {row.slug: list(row.forms) for row in changed},
        },
    )


_IS_LIVE = Service.retired_at.is_(None)


def _settle(row: Service, form: str, names: Collection[str], is_asked: bool) -> bool:
    """Whether this changed the service."""
    stands = any(one in names for one in row.forms)
    if stands is is_asked:
        return False
    left = [one for one in row.forms if one not in names]
    row.forms = [*left, form] if is_asked else left
    return True
