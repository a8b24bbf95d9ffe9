"""What a manager sends: a form's definition, and to whom it is given."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from clinic.intake.rules.reading import LARGEST_BYTES, Unreadable, read_json
from clinic.web.posted import PostedForm


class ImportForm(PostedForm):
    """A FHIR R4 Questionnaire as a file, and why it comes."""

    definition = FileField(
        _l("FHIR R4 Questionnaire (JSON)"),
        description=_l("It becomes a draft. Nobody is given it before you say so."),
    )
    reason = StringField(
        _l("Why this version"),
        description=_l("For example: clearer words for the second page."),
        validators=[Length(max=500, message=_l("Use at most 500 characters"))],
    )

    def read(self) -> Any:
        """The JSON, or None with the fault told at the field."""
        if not self.validate():
            return None
        sent = request.files.get("definition")
        data = sent.read(LARGEST_BYTES + 1) if sent is not None else b""
        if not data:
            self.definition.errors = [_("Choose a file")]
            return None
        return _json(self.definition, data)


class TextForm(PostedForm):
    """A copy of a version, to be changed into the next one."""

    version = StringField(
        _l("New version"),
        validators=[
            InputRequired(_l("Give the changed form a version of its own")),
            Length(max=64, message=_l("Use at most 64 characters")),
        ],
    )
    definition = TextAreaField(
        _l("The form"),
        description=_l(
            "Texts, their order and the options can be changed. What patients answered before stays"
            " with the version they saw."
        ),
        validators=[InputRequired(_l("The form is empty"))],
        render_kw={"spellcheck": "false", "class": "input code-text"},
    )
    reason = StringField(
        _l("Why it was changed"),
        validators=[
            InputRequired(_l("Say why the form changes")),
            Length(max=500, message=_l("Use at most 500 characters")),
        ],
    )

    def read(self) -> Any:
        """The JSON with its new version, or None with the fault told at the field."""
        if not self.validate():
            return None
        found = _json(self.definition, str(self.definition.data).encode())
        if isinstance(found, dict):
            return {**found, "version": str(self.version.data).strip()}
        return found


def _json(field: Any, data: bytes) -> Any:
    try:
        return read_json(data=data)
    except Unreadable as fault:
        field.errors = [fault.issue.text]
        return None
