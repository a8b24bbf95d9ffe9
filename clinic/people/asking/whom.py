"""Whom a request is for: somebody of a signed-in family, or whoever is described."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from clinic.people.asking.details import DetailsForm
from clinic.people.asking.guardians import GuardianPart
from clinic.people.asking.parties import details_of, kin_choices
from clinic.people.rules.ages import is_minor
from clinic.people.rules.guardians import GuardianDetails
from clinic.people.rules.names import name_key
from clinic.people.rules.patients import PatientDetails
from clinic.web.households import Household, Kin

SOMEBODY_ELSE = "somebody-else"


class WhomForm(GuardianPart, DetailsForm):
    """A person on one page: chosen from a signed-in family, or typed, a child with who acts for it.

    Whoever is signed in proved who they are: nothing of a record is typed again, and for a child
    that is new here only what they are to it is asked.
    """

    patient = RadioField(_l("Who is it for?"), choices=[], validate_choice=False)

    def __init__(self, *, household: Household | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.household = household
        if household is None:
            del self.patient
            return
        other = SelectChoice(value=SOMEBODY_ELSE, label=str(_("Somebody else")))
        self.patient.choices = [*kin_choices(household), other]
        # What was proven is not typed, so it cannot be typed differently.
        self.guardian_name.data = household.name
        self.guardian_birth_date.process(None, household.birth_date)

    def fill_in(self) -> None:
        """What is known of whoever is signed in need not be typed."""
        if self.household is None:
            return
        self.patient.data = self.household.kin[0].patient
        self.email.data, self.phone.data = self.household.email, self.household.phone

    def kin(self) -> Kin | None:
        """Who of the family was chosen; None for somebody else."""
        if self.household is None:
            return None
        return self.household.find(str(self.patient.data or ""))

    def has_guardian(self) -> bool:
        """Whether a guardian was named; whoever is signed in names but what they are to a child."""
        return super().has_guardian() if self.household is None else bool(self.relation.data)

    def read_whom(self, *, today: date) -> PatientDetails | None:
        """The patient, a child with whoever acts for it, or None with every fault told.

        A child cannot ask alone, but for one who decides alone and is signed in.
        """
        kin = self.kin()
        if kin is not None:
            return self._on_record(kin) if self.validate() else None
        found = self.read(today=today)
        if self.household is not None and (self.patient.data or SOMEBODY_ELSE) != SOMEBODY_ELSE:
            self.patient.errors = [_("Choose who it is for.")]
            return None
        return self._described(found, today)

    def _described(self, patient: PatientDetails | None, today: date) -> PatientDetails | None:
        if patient is not None and (kin := self._same(patient)) is not None:
            return self._on_record(kin)
        born = self.birth_date.data
        if born is not None and is_minor(birth_date=born, today=today):
            guardian = self.read_guardian(child=patient, today=today)
            return replace(patient, guardian=guardian) if patient and guardian else None
        if born is not None and self.has_guardian():
            field = self.relation if self.household else self.guardian_name
            field.errors = [
                _("From 18 on people ask for themselves: leave the parent or guardian empty.")
            ]
        return patient

    def _on_record(self, kin: Kin) -> PatientDetails:
        """The record, answered at the contact that is known: a child's is often its guardian's."""
        household, found = self.household, details_of(kin)
        if household is None or kin.is_self:
            return found
        guardian = GuardianDetails(
            name=household.name,
            birth_date=household.birth_date,
            relation=kin.relation or "other",
            email=household.email,
            phone=kin.guardian_phone,
        )
        email = found.email or household.email
        return replace(found, email=email, phone=found.phone or guardian.phone, guardian=guardian)

    def _same(self, patient: PatientDetails) -> Kin | None:
        """Who of the family was described instead of chosen."""
        typed = _key(patient.given_name, patient.family_name, patient.birth_date)
        people = self.household.kin if self.household else ()
        keys = ((one, _key(one.given_name, one.family_name, one.birth_date)) for one in people)
        return next((one for one, key in keys if key == typed), None)


def _key(given_name: str, family_name: str, birth_date: date) -> tuple[str, str, date]:
    return name_key(given_name), name_key(family_name), birth_date
