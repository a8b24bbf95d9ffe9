"""The details a patient gives, and when two records are one person (contract.md)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from clinic.core.errors import Invalid
from clinic.people.rules.guardians import GuardianDetails
from clinic.people.rules.names import Unusable, clean_email, clean_name, clean_phone

EARLIEST_BIRTH = date(1900, 1, 1)
FIELDS = ("given_name", "family_name", "birth_date", "email", "phone")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLEAN: Mapping[str, Callable[[str], str]] = {
    "given_name": clean_name,
    "family_name": clean_name,
    "email": clean_email,
    "phone": clean_phone,
}
_MISSING = {
    "given_name": "Enter the given name.",
    "family_name": "Enter the family name.",
    "birth_date": "Enter the date of birth.",
}
_NO_CONTACT = "Enter an e-mail address or a phone number."


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDetails:
    """Who a patient says to be: names tidied, e-mail in its usual form, phone in E.164.

    ``record`` is the public id of a record that a sign-in has proven to be theirs; ``guardian`` who
    acts for a child. ``wants_texts``: reminders were asked for by text message at this phone.
    """

    given_name: str
    family_name: str
    birth_date: date
    email: str | None = None
    phone: str | None = None
    record: str | None = None
    guardian: GuardianDetails | None = None
    wants_texts: bool = False


def patient_details(
    raw: object, *, contact_required: bool, today: date, path: str = "patient"
) -> PatientDetails:
    """The details in ``raw``, a mapping of texts as JSON or a form gives them.

    Names and birth date are needed, with ``contact_required`` also an e-mail address or a phone
    number. ``today`` is the clinic's date: nobody was born after it. Raises Invalid naming every
    fault at once, by paths like ``patient.birth_date``; unknown keys are faults too.
    """
    if not isinstance(raw, Mapping):
        raise Invalid({path: ["Send the patient's details as an object."]})
    reader = _Reader(raw, path)
    reader.refuse_unknown()
    texts = {name: reader.text(name) for name in _CLEAN}
    birth_date = reader.birth_date(today)
    asked = {"email", "phone"}
    if contact_required and not any(texts[name] for name in asked) and not reader.has_fault(asked):
        for name in sorted(asked):
            reader.fault(name, _NO_CONTACT)
    if reader.errors or birth_date is None:
        raise Invalid(reader.errors)
    return PatientDetails(
        given_name=texts["given_name"],
        family_name=texts["family_name"],
        birth_date=birth_date,
        email=texts["email"] or None,
        phone=texts["phone"] or None,
    )


class _Reader:
    """Reads the fields one by one and remembers every fault by its path."""

    def __init__(self, raw: Mapping[object, object], path: str) -> None:
        self.raw = raw
        self.path = path
        self.errors: dict[str, list[str]] = {}

    def fault(self, name: str, sentence: str) -> None:
        self.errors.setdefault(f"{self.path}.{name}", []).append(sentence)

    def has_fault(self, names: set[str]) -> bool:
        return any(f"{self.path}.{name}" in self.errors for name in names)

    def refuse_unknown(self) -> None:
        for name in self.raw:
            if name not in FIELDS:
                self.fault(_shown(name), "This is not asked for here.")

    def text(self, name: str) -> str:
        value = self._given(name)
        try:
            found = _CLEAN[name](value)
        except Unusable as complaint:
            self.fault(name, str(complaint))
            return ""
        if not found and name in _MISSING and not self.has_fault({name}):
            self.fault(name, _MISSING[name])
        return found

    def birth_date(self, today: date) -> date | None:
        value = self._given("birth_date").strip()
        if not value:
            if not self.has_fault({"birth_date"}):
                self.fault("birth_date", _MISSING["birth_date"])
            return None
        try:
            return birth_date_of(value, today=today)
        except Unusable as complaint:
            self.fault("birth_date", str(complaint))
            return None

    def _given(self, name: str) -> str:
        value = self.raw.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(name, "Send this as text.")
            return ""
        return value


def birth_date_of(value: str, *, today: date) -> date:
    """The birth date written as YYYY-MM-DD; Unusable for what is none."""
    if not _ISO_DATE.fullmatch(value):
        raise Unusable("Enter the date as YYYY-MM-DD, like 1980-02-29.")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise Unusable("There is no such day.") from None
    if found > today:
        raise Unusable("The date of birth is in the future.")
    if found < EARLIEST_BIRTH:
        raise Unusable("The date of birth is before 1900.")
    return found


def _shown(name: object) -> str:
    """A key as an error may repeat it: short, and without what cannot be printed."""
    return "".join(sign for sign in str(name)[:40] if sign.isprintable()) or "?"
