"""What must not be overlooked of the patients of a day: parts of the one question about a day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, func, literal, or_, select

from clinic.intake.models import FormAssignment
from clinic.payments.models import Order
from clinic.people.models import Patient, PatientNote

_NOTHING = literal(0)
CLOSED = ("cancelled", "expired")


@dataclass(slots=True)
class Flags:
    """Of one patient: alerts by the number of their note, other forms owed, other money owed."""

    alerts: dict[int, str] = field(default_factory=dict)
    owes_form: bool = False
    owed_cents: int = 0
    currency: str = ""

    def take(self, kind: str, number: int, first: str, second: str) -> None:
        """Take in one line of the answer."""
        if kind == "alert":
            note = PatientNote(public_id=second, words_sealed=first)
            self.alerts[number] = str(note.words or "")
        elif kind == "owes":
            self.owes_form = True
        else:
            self.owed_cents, self.currency = self.owed_cents + number, second

    @property
    def alert_words(self) -> tuple[str, ...]:
        """The alerts, the oldest first."""
        return tuple(self.alerts[number] for number in sorted(self.alerts))


KINDS = frozenset({"alert", "owes", "owed"})


def flag_parts(*, patients: Sequence[str], abouts: Sequence[str], until: datetime) -> list[Any]:
    """The parts: alerts as they are sealed, forms due by ``until`` and balances that are not about
    these visits, which show their own."""
    return [_alerts(patients), _owes_form(patients, abouts, until), _owes_money(patients, abouts)]


def _columns(kind: str, number: Any, first: Any, second: Any) -> tuple[Any, ...]:
    key = cast(Patient.public_id, String).label("key")
    return literal(kind).label("kind"), key, number, _NOTHING, _NOTHING, first, second


def _alerts(patients: Sequence[str]) -> Any:
    words = (PatientNote.words_sealed, PatientNote.public_id)
    return (
        select(*_columns("alert", PatientNote.id, *words))
        .join(PatientNote, PatientNote.patient_id == Patient.id)
        .where(
            Patient.public_id.in_(patients),
            PatientNote.kind == "alert",
            PatientNote.removed_at.is_(None),
        )
    )


def _owes_form(patients: Sequence[str], abouts: Sequence[str], until: datetime) -> Any:
    return (
        select(*_columns("owes", func.count(FormAssignment.id), literal(""), literal("")))
        .join(FormAssignment, FormAssignment.patient_id == Patient.id)
        .where(
            Patient.public_id.in_(patients),
            FormAssignment.done_at.is_(None),
            FormAssignment.withdrawn_at.is_(None),
            or_(FormAssignment.about.is_(None), FormAssignment.about.not_in(abouts)),
            or_(FormAssignment.due_at.is_(None), FormAssignment.due_at <= until),
        )
        .group_by(Patient.public_id)
    )


def _owes_money(patients: Sequence[str], abouts: Sequence[str]) -> Any:
    left: Any = func.sum(Order.total_cents - Order.paid_cents)
    return (
        select(*_columns("owed", left, literal(""), Order.currency))
        .join(Order, Order.patient_id == Patient.id)
        .where(
            Patient.public_id.in_(patients),
            Order.kind == "balance",
            Order.status.not_in(CLOSED),
            Order.paid_cents < Order.total_cents,
            or_(Order.about.is_(None), Order.about.not_in(abouts)),
        )
        .group_by(Patient.public_id, Order.currency)
    )
