"""What patients type to sign in and on their own pages."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired

from clinic.people.rules.names import Unusable, clean_email
from clinic.portal.rules.codes import clean_code
from clinic.web.date_field import BirthDateField


class AskCodeForm(FlaskForm):  # type: ignore[misc]
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


class CodeForm(FlaskForm):  # type: ignore[misc]
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
