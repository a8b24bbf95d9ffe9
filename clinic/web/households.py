"""Who is signed in as a patient: one person, and the children they act for.

Patients prove themselves by a code sent to their e-mail address and their birth date. One sign-in
opens every record that this proof fits; which ones is asked anew at each request, so that a
guardian's access ends with the child's eighteenth birthday and nobody has to end it.
"""

from dataclasses import dataclass
from datetime import date

from clinic.core.values import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """A patient whom the person signed in may act for.

    ``patient`` is the record's public id. ``guardian`` (public id), ``relation`` and
    ``guardian_name`` are None where it is their own record.
    """

    patient: str
    given_name: str
    family_name: str
    birth_date: date
    email: str | None
    phone: str | None
    guardian: str | None = None
    guardian_name: str | None = None
    guardian_phone: str | None = None
    relation: str | None = None

    @property
    def is_self(self) -> bool:
        """Whether it is the record of the person signed in."""
        return self.guardian is None

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A live sign-in: its session's public id, what was proven, and whom it opens (never empty)."""

    session: str
    email: str
    birth_date: date
    kin: tuple[Kin, ...]

    def find(self, patient: str) -> Kin | None:
        """The one of that public id, or None: somebody else's record, or none at all."""
        return next((one for one in self.kin if one.patient == patient), None)

    @property
    def name(self) -> str:
        """How the person signed in is called."""
        first = self.kin[0]
        return first.guardian_name or first.name

    @property
    def phone(self) -> str | None:
        """Their own phone number, where one is known."""
        first = self.kin[0]
        return first.phone if first.is_self else first.guardian_phone

    def actor(self, kin: Kin | None = None) -> Actor:
        """The person signed in as the audit trail names them, where they act for ``kin``."""
        one = kin or self.kin[0]
        name = one.guardian_name or one.name
        return Actor(
            kind="patient", id=one.guardian or one.patient, name=name[:200], session=self.session
        )
