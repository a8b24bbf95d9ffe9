"""Whom a held time is for: oneself, a child one looks after, or somebody of a signed-in family."""

from dataclasses import replace
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, StringField, TelField
from wtforms.fields.choices import SelectChoice

from clinic.people.asking.details import CONTACT, PERSON, DetailsForm
from clinic.people.asking.guardians import GUARDIAN, GuardianPart
from clinic.people.rules.ages import is_minor
from clinic.people.rules.patients import PatientDetails
from clinic.web.date_field import BirthDateField
from clinic.web.households import Household, Kin
from clinic.web.posted import PostedForm


class OwnForm(DetailsForm):
    """The details of an adult who books for themselves."""

    def read(self, *, today: date) -> PatientDetails | None:
        """The details, or None with every fault told; under 18 a parent or guardian books."""
        found = super().read(today=today)
        if found is not None and is_minor(birth_date=found.birth_date, today=today):
            self.birth_date.errors = [
                _(
                    "Under 18 a parent or guardian books: choose “For a child” above. "
                    "If we agreed that you decide alone, sign in first, or call us."
                )
            ]
            return None
        return found


class ChildForm(GuardianPart, DetailsForm):
    """A child's details, and those of the parent or guardian who books."""

    ORDER = (*PERSON, *GUARDIAN, *CONTACT)

    given_name = StringField(
        _l("The child’s given name"),
        description=_l("As on their ID."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    family_name = StringField(
        _l("The child’s family name"), render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    birth_date = BirthDateField(_l("The child’s date of birth"))
    email = EmailField(
        _l("Your e-mail address"),
        description=_l("Give an e-mail address or a phone number, or both."),
        render_kw={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"},
    )
    phone = TelField(
        _l("Your phone number"),
        description=_l("With area code."),
        render_kw={"autocomplete": "tel"},
    )

    def read(self, *, today: date) -> PatientDetails | None:
        """The child with the guardian, or None with every fault told at its field."""
        found = super().read(today=today)
        if found is not None and not is_minor(birth_date=found.birth_date, today=today):
            self.birth_date.errors = [
                _("From 18 on people book for themselves: choose “For me” above.")
            ]
            found = None
        guardian = self.read_guardian(child=found, today=today)
        return replace(found, guardian=guardian) if found and guardian else None

    def fill_in(self, household: Household) -> None:
        """What is known of whoever is signed in need not be typed."""
        self.guardian_name.data = household.name
        self.guardian_birth_date.process(None, household.birth_date)
        self.email.data = household.email
        self.phone.data = household.phone
        self.family_name.data = household.kin[0].family_name


class FamilyForm(PostedForm):
    """One of the people whom a sign-in opens; nothing else has to be typed."""

    patient = RadioField(_l("Who is coming?"), validate_choice=False)

    def __init__(self, *, household: Household, **more: object) -> None:
        super().__init__(**more)
        self._household = household
        self.patient.choices = kin_choices(household)
        if self.patient.data is None:
            self.patient.data = household.kin[0].patient

    def is_begun(self) -> bool:
        """Somebody is always chosen."""
        return True

    def chosen(self) -> Kin | None:
        """Who was chosen, None for nobody of this family."""
        return self._household.find(str(self.patient.data))

    def read(self, *, today: date) -> PatientDetails | None:  # noqa: ARG002 - as the others
        """The chosen record, or None with the fault told."""
        kin = self.chosen()
        if kin is None:
            self.patient.errors = [_("Choose who is coming.")]
        if kin is None or not self.validate():
            return None
        return details_of(kin)


def kin_choices(household: Household) -> list[SelectChoice]:
    """Everybody whom a sign-in opens, as a field offers them."""
    return [SelectChoice(value=one.patient, label=_choice_words(one)) for one in household.kin]


def details_of(kin: Kin) -> PatientDetails:
    """What is on record of somebody whom a sign-in opens; nothing of it is typed again."""
    return PatientDetails(
        given_name=kin.given_name,
        family_name=kin.family_name,
        birth_date=kin.birth_date,
        email=kin.email,
        phone=kin.phone,
        record=kin.patient,
    )


def _choice_words(one: Kin) -> str:
    return str(_("%(name)s (you)", name=one.name)) if one.is_self else one.name
