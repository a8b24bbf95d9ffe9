"""What a patient may say when cancelling."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Optional

from clinic.people.rules.names import Unusable, clean_text
from clinic.web.posted import PostedForm

LONGEST_REASON = 500


class CancelForm(PostedForm):
    """Why the patient cannot come; nobody has to say."""

    reason = StringField(
        _l("Why, if you like to tell us"),
        validators=[Optional()],
        description=_l("Only our staff read it."),
        render_kw={"autocomplete": "off", "maxlength": str(LONGEST_REASON)},
    )

    def read(self) -> str | None:
        """The reason, "" for none; None with the fault told."""
        sound = bool(self.validate())
        try:
            text = clean_text(" ".join((self.reason.data or "").split()), longest=LONGEST_REASON)
        except Unusable as complaint:
            self.reason.errors = [_(str(complaint))]
            return None
        return text if sound else None
