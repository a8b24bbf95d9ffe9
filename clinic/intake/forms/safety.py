"""How a clinician closes a safety event."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from clinic.intake.operations.safety.handling import LONGEST_NOTE
from clinic.intake.presenters.safety import outcome_words
from clinic.intake.rules.alarms import Outcome
from clinic.web.posted import PostedForm


class CloseForm(PostedForm):
    """What came of it, in a code and in words."""

    outcome = RadioField(
        _l("What came of it?"),
        choices=[SelectChoice(one.value, one.value) for one in Outcome],
        validators=[InputRequired(_l("Choose what came of it"))],
    )
    note = TextAreaField(
        _l("What you found and decided"),
        description=_l("Clinicians read this, and nobody else."),
        validators=[
            InputRequired(_l("Write what you found and decided")),
            Length(max=LONGEST_NOTE, message=_l("Use at most 2,000 characters")),
        ],
    )

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        words = outcome_words()
        self.outcome.choices = [SelectChoice(one.value, words[one]) for one in Outcome]

    def read(self) -> tuple[Outcome, str] | None:
        """Outcome and note, or None with every fault told at its field."""
        if not self.validate():
            return None
        return Outcome(self.outcome.data), str(self.note.data)
