"""Handing a file in: what it is, and the file."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from clinic.documents.presenters import kind_words
from clinic.documents.rules import LARGEST_BYTES, Kind
from clinic.web.posted import PostedForm


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it came, or the public id of one that was ``kept`` before; without a kind where
    none was chosen."""

    kind: Kind | None
    name: str
    content: bytes
    kept: str = ""


class PaperForm(PostedForm):
    """A photo or a PDF, and what it shows."""

    kind = RadioField(
        _l("What is it?"),
        choices=[SelectChoice(one.value, one.value) for one in Kind],
        validators=[InputRequired(_l("Choose what it is"))],
    )
    file = FileField(
        _l("Photo or PDF"),
        description=_l("JPEG, PNG, WebP or PDF, up to 10 MB."),
    )

    def offer(self, kinds: tuple[Kind, ...]) -> "PaperForm":
        """The same with these kinds to choose from; the lab hands its files in with the order."""
        words = kind_words()
        offered = [one for one in kinds if one is not Kind.GAIT_DATA]
        self.kind.choices = [SelectChoice(one.value, words[one]) for one in offered]
        return self

    def read(self) -> Given | None:
        """What was handed in, or None without any; every fault is told at its field."""
        kind = Kind(self.kind.data) if self.validate() else None
        sent, kept = request.files.get("file"), request.form.get("kept", "")
        content = sent.read(LARGEST_BYTES + 1) if sent is not None else b""
        if sent is not None and content:
            return Given(kind, sent.filename or "", content)
        if kept:
            return Given(kind, "", b"", kept)
        is_empty = sent is not None and bool(sent.filename)
        self.file.errors = [
            _("The file is empty. Please choose another one.") if is_empty else _("Choose a file")
        ]
        return None
