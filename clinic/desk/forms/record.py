"""What staff type on a patient's record: corrections and notes."""

import re
from datetime import datetime

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from clinic.core.types import from_micros
from clinic.desk.forms.booking import NewPatientForm
from clinic.people.models import Patient
from clinic.people.queries.records import stands_as
from clinic.web.filters import phone
from clinic.web.posted import PostedForm

_CURSOR = re.compile(r"([0-9]{1,17})\.([0-9]{1,18})", re.ASCII)
VISIT = re.compile(r"appointment:[A-Za-z0-9_-]{22}", re.ASCII)


class CorrectionForm(NewPatientForm):
    """A record's names, birth date and contact; ``looked_at`` is the record as it was shown."""

    looked_at = HiddenField()

    @classmethod
    def of(cls, patient: Patient) -> "CorrectionForm":
        """The form with what the record says."""
        return cls(
            formdata=None,
            data={
                "given_name": patient.given_name,
                "family_name": patient.family_name,
                "birth_date": patient.birth_date,
                "phone": phone(patient.phone) if patient.phone else "",
                "email": patient.email or "",
                "looked_at": stands_as(patient),
            },
        )


class NoteForm(PostedForm):
    """A few words about a patient, or about one of the visits."""

    kind = SelectField(
        _l("What is it?"),
        choices=[
            SelectChoice(value="alert", label=_l("An alert, shown on top")),
            SelectChoice(value="note", label=_l("A note")),
        ],
        default="note",
    )
    words = StringField(
        _l("In a few words"),
        description=_l("For example: comes in a wheelchair. No health answers, no findings."),
        render_kw={"autocomplete": "off", "maxlength": "500"},
    )
    about = HiddenField()

    @property
    def visit(self) -> str | None:
        """The visit that the note is about, None for the patient in general."""
        text = self.about.data or ""
        return text if VISIT.fullmatch(text) else None


class RewordForm(PostedForm):
    """Better words for an alert or a note."""

    words = StringField(
        _l("In a few words"),
        description=_l("What was noted before stays on record. No health answers, no findings."),
        render_kw={"autocomplete": "off", "maxlength": "500"},
    )


def read_before(text: str) -> tuple[datetime, int] | None:
    """Where a page of visits goes on; None from the newest."""
    found = _CURSOR.fullmatch(text)
    return (from_micros(int(found[1])), int(found[2])) if found else None
