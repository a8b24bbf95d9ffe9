"""Who fills in a form, and to whom it is given. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clinic.core.values import Actor


class Source(StrEnum):
    """Whose words an answer is in."""

    PATIENT = "patient"
    GUARDIAN = "guardian"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Author:
    """Who gives answers: ``name`` goes on record beside them, ``actor`` into the audit trail."""

    source: Source
    name: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Audience:
    """To whom a form is given; both ages belong to it."""

    for_whom: str
    min_age: int
    max_age: int


def age_on(*, birth_date: date, day: date) -> int:
    """Completed years of life."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_meant_for(*, audience: Audience, age: int, is_returning: bool) -> bool:
    """Whether a patient of that age gets the form; returning is who was here before."""
    if not audience.min_age <= age <= audience.max_age:
        return False
    if audience.for_whom == "everyone":
        return True
    return (audience.for_whom == "returning") is is_returning
