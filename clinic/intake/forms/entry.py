"""How somebody proves that a form may be opened, and says who fills it in."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from clinic.people.rules.names import Unusable, clean_name
from clinic.web.date_field import BirthDateField
from clinic.web.posted import PostedForm

RELATIONS = [
    SelectChoice("parent", _l("I am a parent")),
    SelectChoice("guardian", _l("I am the legal guardian")),
    SelectChoice("other", _l("I care for the child in place of a parent")),
]


class BirthDateForm(PostedForm):
    """The patient's birth date beside a link from a mail."""

    birth_date = BirthDateField(
        _l("The patient’s date of birth"),
        description=_l("So that nobody else reads what you write. For example 3 14 1984."),
        validators=[InputRequired(_l("Enter the patient’s date of birth."))],
    )

    def read(self) -> date | None:
        """The date, or None with the fault told at the field."""
        found: date | None = self.birth_date.data if self.validate() else None
        return found


class KioskForm(BirthDateForm):
    """The same with the code that the desk gave."""

    code = StringField(
        _l("Code from the desk"),
        description=_l("Eight digits."),
        render_kw={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"},
    )

    def read_code(self) -> tuple[str, date] | None:
        """The digits and the date, or None with every fault told at its field."""
        born = self.read()
        code = "".join(sign for sign in (self.code.data or "")[:40] if sign not in " -")
        if not (code.isascii() and code.isdecimal() and len(code) == 8):
            self.code.errors = [_("Enter the eight digits from the desk.")]
            return None
        return (code, born) if born else None


class AuthorForm(PostedForm):
    """Who fills in a child's forms."""

    name = StringField(
        _l("Your own name"),
        validators=[
            InputRequired(_l("Enter your own name.")),
            Length(max=100, message=_l("Use at most 100 characters.")),
        ],
        render_kw={"autocomplete": "name"},
    )
    relation = RadioField(
        _l("What are you to the child?"),
        choices=RELATIONS,
        validators=[InputRequired(_l("Choose what you are to the child."))],
    )

    def read(self) -> tuple[str, str] | None:
        """Name and relation, or None with every fault told at its field."""
        if not self.validate():
            return None
        try:
            name = clean_name(self.name.data or "")
        except Unusable as complaint:
            self.name.errors = [_(str(complaint))]
            return None
        if not name:
            self.name.errors = [_("Enter your own name.")]
            return None
        return name, str(self.relation.data)
