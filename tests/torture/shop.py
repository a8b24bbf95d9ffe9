"""A clinic that sells, for races and kills: orders made and paid without a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from clinic.core.clock import now
from clinic.core.values import PUBLIC, SYSTEM
from clinic.gait.operations.orders import WishedProduct, create_order
from clinic.payments.checkout import begin_checkout
from clinic.people.rules.patients import patient_details
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file
from sandbox.stripe.state import State
from tests.integration.payments.conftest import CLINIC
from tests.support.apps import environment, running_app
from tests.support.stripe_double import Double, running_double


@dataclass
class Till:
    """One database, one payment service, and the settings of real processes for both."""

    settings: dict[str, str]
    double: Double
    app: Flask

    def order(self, who: int, *, starts_at: datetime | None = None) -> str:
        """An order with an open page."""
        raw: dict[str, Any] = {
            "given_name": f"Pat{who}",
            "family_name": "Lovelace",
            "birth_date": "1980-02-29",
            "email": f"pat{who}@example.com",
        }
        moment = now()
        with self.app.app_context():
            details = patient_details(raw, contact_required=True, today=moment.date())
            wished = WishedProduct(product="gait-3d", starts_at=starts_at)
            made = create_order(wished=wished, patient=details, actor=PUBLIC, now=moment)
            begin_checkout(public_id=made.public_id, actor=PUBLIC, now=moment)
        return made.public_id


@contextmanager
def open_till(*, database_url: str, folder: Path) -> Iterator[Till]:
    """A clinic on a migrated database, with a payment service that has the real clock."""
    text = CLINIC.replace(
        "[[locations]]", "[policy]\npayment_hold_minutes = 1440\n[[locations]]", 1
    )
    with running_double(State()) as double:
        settings = environment(
            database_url=database_url, data_dir=folder / "data", **double.settings
        )
        more = {k: v for k, v in settings.items() if k not in {"DATABASE_URL", "DATA_DIR"}}
        with running_app(database_url=database_url, data_dir=folder / "data", **more) as app:
            with app.app_context():
                load_clinic(file=read_clinic_file(data=text.encode()), actor=SYSTEM, now=now())
            yield Till(settings, double, app)


def weekday_noon(*, days_ahead: int) -> datetime:
    """A time that is offered, at least so many days ahead."""
    found = (now() + timedelta(days=days_ahead)).replace(hour=17, minute=0, second=0, microsecond=0)
    while found.weekday() > 4:
        found += timedelta(days=1)
    return found
