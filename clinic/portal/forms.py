"""What patients type to sign in and on their own pages, and what the desk types about minors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, StringField, TelField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from clinic.people.rules.guardians import GROUNDS
from clinic.people.rules.names import (
    Unusable,
    clean_email,
    clean_lines,
    clean_name,
    clean_phone,
)
from clinic.portal.rules.codes import clean_code
from clinic.web.date_field import BirthDateField
from clinic.web.posted import PostedForm


class AskCodeForm(PostedForm):
    """The address that a code is sent to."""

    email = EmailField(
        _l("E-mail address"),
        description=_l("The one you gave when you booked."),
        render_kw={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"},
    )

    def read(self) -> str | None:
        """The cleaned address, or None with the fault told at the field."""
        if not self.validate():
            return None
        try:
            address = clean_email(self.email.data or "")
        except Unusable as complaint:
            self.email.errors = [_(str(complaint))]
            return None
        if not address:
            self.email.errors = [_("Enter your e-mail address.")]
        return address or None


class CodeForm(PostedForm):
    """The code from the mail, and the birth date."""

    code = StringField(
        _l("Code"),
        description=_l("Six digits, from the e-mail."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )
    birth_date = BirthDateField(
        _l("Your date of birth"),
        description=_l("Your own, also when you sign in for a child. For example 3 14 1984."),
        validators=[InputRequired(_l("Enter your date of birth."))],
    )

    def read(self) -> tuple[str, date] | None:
        """The digits and the date, or None with every fault told at its field."""
        is_sound = self.validate()
        code = clean_code(self.code.data or "")
        if not code:
            self.code.errors = [_("Enter the six digits from the e-mail.")]
        born: date | None = self.birth_date.data
        return (code, born) if is_sound and code and born else None


@dataclass(frozen=True, slots=True)
class Contact:
    """An e-mail address and a phone number, cleaned; no number is ""."""

    email: str
    phone: str


class ContactForm(PostedForm):
    """How somebody who is signed in is reached."""

    email = EmailField(
        _l("E-mail address"),
        description=_l("You sign in with it. A new one is used once you have typed its code."),
        render_kw={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"},
    )
    phone = TelField(
        _l("Phone number"),
        description=_l("With area code. Leave it empty if we are not to call you."),
        render_kw={"autocomplete": "tel"},
    )

    def read(self) -> Contact | None:
        """The contact, or None with every fault told at its field."""
        is_sound = self.validate()
        email, phone = _cleaned(self.email, clean_email), _cleaned(self.phone, clean_phone)
        if email == "" and not self.email.errors:
            self.email.errors = [_("Enter your e-mail address: you sign in with it.")]
        return Contact(email, phone or "") if is_sound and not self.errors and email else None


class TwoCodesForm(PostedForm):
    """The codes that went to the new address and to the one that is known."""

    new_code = StringField(
        _l("Code from the new address"),
        description=_l("Six digits."),
        render_kw={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"},
    )
    old_code = StringField(
        _l("Code from your present address"),
        description=_l("Six digits. It shows that it is you who changes it."),
        render_kw={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"},
    )

    def read(self) -> tuple[str, str] | None:
        """The digits of both, or None with every fault told at its field."""
        is_sound = self.validate()
        codes = []
        for field in (self.new_code, self.old_code):
            codes.append(clean_code(field.data or ""))
            if not codes[-1]:
                field.errors = [_("Enter the six digits from the e-mail.")]
        return (codes[0], codes[1]) if is_sound and all(codes) else None


LONGEST_NOTE = 1000
_GROUND_WORDS = {
    "married": _l("Is or was married"),
    "parent": _l("Has a child"),
    "homeless": _l("Homeless youth in an approved program"),
    "other": _l("Another ground of the law: say which in the note"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoneAsk:
    """A minor who is to decide alone. ``record`` is a public id where several have that name."""

    given_name: str
    family_name: str
    birth_date: date
    ground: str
    note: str
    email: str | None
    phone: str | None
    record: str | None


class LoneMinorForm(PostedForm):
    """Who decides alone, why, and how they are reached without their parents."""

    given_name = StringField(_l("Given name"), render_kw={"autocomplete": "off"})
    family_name = StringField(_l("Family name"), render_kw={"autocomplete": "off"})
    birth_date = BirthDateField(_l("Date of birth"))
    record = RadioField(_l("Which record is meant?"), choices=[], validate_choice=False)
    ground = RadioField(
        _l("Why may they decide alone?"),
        choices=[SelectChoice(value=one, label=_GROUND_WORDS[one]) for one in GROUNDS],
        validate_choice=False,
    )
    note = TextAreaField(
        _l("Note"),
        description=_l("What you saw or were told, and who looked at it. Only the desk reads it."),
    )
    email = EmailField(
        _l("Their own e-mail address"),
        description=_l("They sign in with it. A parent’s address is taken off the record."),
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"},
    )
    phone = TelField(_l("Their own phone number"), render_kw={"autocomplete": "off"})

    def read(self) -> LoneAsk | None:
        """What was typed, or None with every fault told at its field."""
        is_sound = self.validate()
        given, family = (
            _cleaned(self.given_name, clean_name),
            _cleaned(self.family_name, clean_name),
        )
        email, phone = _cleaned(self.email, clean_email), _cleaned(self.phone, clean_phone)
        note = _cleaned(self.note, lambda text: clean_lines(text, longest=LONGEST_NOTE))
        for value, field, missing in (
            (given, self.given_name, _("Enter the given name.")),
            (family, self.family_name, _("Enter the family name.")),
            (note, self.note, _("Write down what you saw or were told.")),
        ):
            if value == "" and not field.errors:
                field.errors = [missing]
        born: date | None = self.birth_date.data
        if born is None and not self.birth_date.errors:
            self.birth_date.errors = [_("Enter the date of birth.")]
        if self.ground.data not in GROUNDS:
            self.ground.errors = [_("Choose the ground.")]
        if not is_sound or self.errors or born is None or not (given and family and note):
            return None
        return LoneAsk(
            given_name=given,
            family_name=family,
            birth_date=born,
            ground=self.ground.data,
            note=note,
            email=email or None,
            phone=phone or None,
            record=self.record.data or None,
        )


def _cleaned(field: StringField, clean: Callable[[str], str]) -> str | None:
    """The field's text tidied; None with the fault told at the field."""
    try:
        return clean(field.data or "")
    except Unusable as complaint:
        field.errors = [_(str(complaint))]
        return None
