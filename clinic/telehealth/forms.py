"""What the patient is asked in front of a video visit: who they are, and where they are now."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TelField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice

from clinic.people.rules.names import Unusable, clean_lines, clean_phone
from clinic.scheduling.rules.states import STATES
from clinic.web.date_field import BirthDateField
from clinic.web.posted import PostedForm

LONGEST_PLACE = 500


class ProofForm(PostedForm):
    """The patient's birth date, for whoever has the link."""

    birth_date = BirthDateField(
        _l("The patient’s date of birth"), description=_l("For example 3 14 1984.")
    )


class PlaceForm(PostedForm):
    """Where the patient is today; it may not be where they meant to be."""

    state = SelectField(
        _l("In which state are you now?"),
        choices=[
            SelectChoice(value="", label=_l("Choose a state")),
            *(SelectChoice(value=code, label=name) for code, name in STATES.items()),
        ],
        validate_choice=False,
    )
    place = TextAreaField(
        _l("At which address?"),
        description=_l("We send help there if you need it."),
        render_kw={"autocomplete": "street-address"},
    )
    phone = TelField(
        _l("Phone where we can reach you"),
        description=_l("If the picture breaks off, we call you there."),
        render_kw={"autocomplete": "tel"},
    )

    def validate_state(self, field: SelectField) -> None:
        """One that there is."""
        if field.data not in STATES:
            raise ValidationError(_("Choose the state where you are now."))

    def validate_place(self, field: TextAreaField) -> None:
        """Words are needed."""
        try:
            field.data = clean_lines(field.data or "", longest=LONGEST_PLACE)
        except Unusable as complaint:
            raise ValidationError(_(str(complaint))) from None
        if not field.data:
            raise ValidationError(_("Enter the address where you are."))

    def validate_phone(self, field: TelField) -> None:
        """A number is needed."""
        try:
            field.data = clean_phone(field.data or "")
        except Unusable as complaint:
            raise ValidationError(_(str(complaint))) from None
        if not field.data:
            raise ValidationError(_("Enter a phone number where we can reach you."))
