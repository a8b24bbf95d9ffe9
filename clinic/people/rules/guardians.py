"""Who acts for a child: what a parent or guardian tells of themselves. Pure."""

from dataclasses import dataclass
from datetime import date

from clinic.core.errors import Invalid
from clinic.people.rules.ages import is_minor
from clinic.people.rules.names import Unusable, clean_name

RELATIONS = ("parent", "guardian", "other")
"""Parent, legal guardian, or another person in parental relation."""

GROUNDS = ("married", "parent", "homeless", "other")
"""Why a minor may consent alone (New York, Public Health Law §2504)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianDetails:
    """A parent or guardian; the birth date is what proves them beside a code by mail."""

    name: str
    birth_date: date
    relation: str
    email: str | None = None
    phone: str | None = None


def guardian_details(
    *,
    name: str,
    birth_date: date | None,
    relation: str,
    email: str | None,
    phone: str | None,
    today: date,
) -> GuardianDetails:
    """A guardian's details; raises Invalid (``name``, ``birth_date``, ``relation``), all at once.

    ``email`` and ``phone`` were cleaned before: they are those of the booking.
    """
    errors: dict[str, list[str]] = {}
    try:
        kept = clean_name(name)
    except Unusable as complaint:
        errors["name"] = [str(complaint)]
    else:
        if not kept:
            errors["name"] = ["Enter your own name."]
    if birth_date is None:
        errors["birth_date"] = ["Enter your own date of birth."]
    elif is_minor(birth_date=birth_date, today=today):
        errors["birth_date"] = ["A parent or guardian is at least 18 years old. Please call us."]
    if relation not in RELATIONS:
        errors["relation"] = ["Choose what you are to the child."]
    if errors or birth_date is None:
        raise Invalid(errors)
    return GuardianDetails(
        name=kept, birth_date=birth_date, relation=relation, email=email, phone=phone
    )
