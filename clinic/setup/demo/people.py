"""The demo's invented people: staff with known passwords, patients who exist nowhere."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from clinic.core.values import Role
from clinic.people.rules.patients import PatientDetails

PASSWORD = "gentle-orange-stairs"  # noqa: S105 - printed for whoever tries the demo
"""Everybody's password in the demo."""


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """One member of staff for each role."""

    email: str
    name: str
    role: Role


STAFF = (
    DemoStaff("admin@example.com", "Alex Morgan", Role.ADMIN),
    DemoStaff("desk@example.com", "Kim Torres", Role.FRONT_DESK),
    DemoStaff("clinician@example.com", "Dana Okafor", Role.CLINICIAN),
    DemoStaff("lab@example.com", "Lena Fischer", Role.GAIT_LAB),
    DemoStaff("auditor@example.com", "Sam Keller", Role.AUDITOR),
)

_GIVEN = (
    "Ana", "Sam", "Noor", "Ruth", "Leo", "Ivy", "Omar", "Grace", "Mateo", "Hana", "Felix", "June",
    "Kofi", "Maya", "Elias", "Rosa", "Theo", "Lucia", "Amir", "Clara", "Nils", "Zoe", "Jonas",
    "Carmen", "Arjun", "Edith", "Pablo", "Mina", "Oscar", "Selma",
)  # fmt: skip
_FAMILY = (
    "Beltran", "Whitfield", "Haddad", "Lindqvist", "Marsh", "Nakamura", "Obi", "Petrov", "Quinn",
    "Reyes", "Sandoval", "Tanaka", "Underhill", "Varga", "Winslow", "Yates", "Zeller", "Abbott",
    "Brandt", "Castillo", "Dunn", "Egan", "Farrow", "Gupta", "Holm", "Ingram", "Jacobs", "Keane",
)  # fmt: skip
_FIRST_BIRTH = date(1944, 3, 5)


@cache
def patients() -> tuple[PatientDetails, ...]:
    """Ninety patients. Phones are 212-555-01xx and addresses at example.com: nobody's.

    A couple shares a phone, and one name was written down twice, so that suggestions of records
    that may be one person are there to be looked at.
    """
    found = [_patient(number) for number in range(88)]
    spouse = found[0]
    found.append(
        PatientDetails(
            given_name="Luis",
            family_name=spouse.family_name,
            birth_date=date(1971, 8, 19),
            phone=spouse.phone,
        )
    )
    again = found[1]
    found.append(
        PatientDetails(
            given_name="Samuel",
            family_name=again.family_name,
            birth_date=again.birth_date,
            email="samuel@example.com",
        )
    )
    return tuple(found)


def _patient(number: int) -> PatientDetails:
    # Neither length divides the other, so no name comes twice.
    given = _GIVEN[number % len(_GIVEN)]
    family = _FAMILY[(number * 5 + number // len(_GIVEN)) % len(_FAMILY)]
    return PatientDetails(
        given_name=given,
        family_name=family,
        birth_date=_FIRST_BIRTH + timedelta(days=number * 263),
        email=f"{given}.{family}@example.com".lower(),
        phone=f"+121255501{number:02d}",
    )
