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
    """A file as it came, or the public id of one that was ``kept`` before; without a kind where
    none was chosen."""

    kind: Kind | None
    name: str
    content: bytes
    kept: str = ""


class OwnPaperForm(PostedForm):
    """A photo or a PDF, and what it shows."""

    kind = RadioField(
        _l("What is it?"), choices=KINDS, validators=[InputRequired(_l("Choose what it is"))]
    )
    file = FileField(
        _l("Photo or PDF"), description=_l("Take a photo, or choose a file of up to 10 MB.")
    )

    def read(self) -> Paper | None:
        """What was handed in, or None without any; every fault is told at its field."""
        kind = Kind(self.kind.data) if self.validate() else None
        sent, kept = request.files.get("file"), request.form.get("kept", "")
        content = sent.read(LARGEST_BYTES + 1) if sent is not None else b""
        if sent is not None and content:
            return Paper(kind, sent.filename or "", content)
        if kept:
            return Paper(kind, "", b"", kept)
        is_empty = sent is not None and bool(sent.filename)
        self.file.errors = [
            _("The file is empty. Please choose another one.")
            if is_empty
            else _("Choose a photo or a file")
        ]
        return None
