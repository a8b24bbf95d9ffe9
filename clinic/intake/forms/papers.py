"""Photos and reports that a patient hands in beside a form."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from clinic.documents.rules import LARGEST_BYTES, Kind
from clinic.web.posted import PostedForm

KINDS = [
    SelectChoice(Kind.CARD_FRONT.value, _l("Insurance card, front")),
    SelectChoice(Kind.CARD_BACK.value, _l("Insurance card, back")),
    SelectChoice(Kind.REFERRAL.value, _l("Referral or prescription")),
    SelectChoice(Kind.IMAGING_REPORT.value, _l("Report of a scan or test")),
    SelectChoice(Kind.OTHER.value, _l("Something else")),
]


@dataclass(frozen=True, slots=True)
class Paper:
    """A file as it came."""

    kind: Kind
    name: str
    content: bytes


class OwnPaperForm(PostedForm):
    """A photo or a PDF, and what it shows."""

    kind = RadioField(
        _l("What is it?"), choices=KINDS, validators=[InputRequired(_l("Choose what it is"))]
    )
    file = FileField(
        _l("Photo or PDF"), description=_l("Take a photo, or choose a file of up to 10 MB.")
    )

    def read(self) -> Paper | None:
        """What was handed in, or None with every fault told at its field."""
        is_whole = self.validate()
        sent = request.files.get("file")
        content = sent.read(LARGEST_BYTES + 1) if sent is not None else b""
        if not content:
            self.file.errors = [_("Choose a photo or a file")]
            return None
        if not is_whole or sent is None:
            return None
        return Paper(Kind(self.kind.data), sent.filename or "", content)
