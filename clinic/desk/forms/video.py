"""What staff say of a visit by video: where it takes place, and that the clinician is late."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from clinic.telehealth.rules.rooms import LONGEST_ADDRESS, is_meeting_address
from clinic.web.posted import PostedForm

LATE_MINUTES = (5, 10, 15, 20, 30, 45, 60)


class MeetingForm(PostedForm):
    """The address of one visit; nothing typed is the address of the clinic's template."""

    address = StringField(
        _l("Meeting address of this visit"),
        description=_l("Only this patient's page leads there; it stands in no mail or calendar."),
        render_kw={"inputmode": "url", "autocomplete": "off", "maxlength": LONGEST_ADDRESS},
    )

    def validate_address(self, field: StringField) -> None:
        """A https address, or none."""
        field.data = (field.data or "").strip()
        if field.data and not is_meeting_address(field.data):
            raise ValidationError(_("Enter an address that begins with https://."))


class LateForm(PostedForm):
    """By how much the clinician is late."""

    delay = SelectField(_l("The clinician comes"), coerce=int)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        late = [
            SelectChoice(value=one, label=ngettext("in %(num)d minute", "in %(num)d minutes", one))
            for one in LATE_MINUTES
        ]
        self.delay.choices = [SelectChoice(value=0, label=_("on time")), *late]
