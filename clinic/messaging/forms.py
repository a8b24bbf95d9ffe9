"""What the manager types into a message."""

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from clinic.messaging.wording import OwnWords, faults_in, tidied

_NUMBER = re.compile("[0-9]{1,9}", re.ASCII)


class OwnWordsForm(FlaskForm):  # type: ignore[misc]
    """A subject and some lines, and the version that was looked at."""

    subject = StringField(
        _l("Subject"), description=_l("Leave it empty for the one that ships with the product.")
    )
    words = TextAreaField(
        _l("Own words, below the message"), description=_l("An empty line begins a new paragraph.")
    )
    version = HiddenField()
    kind = ""

    @classmethod
    def of(cls, kind: str, own: OwnWords, version: int) -> "OwnWordsForm":
        """The form filled with the words as they stand."""
        data = {"subject": own.subject, "words": own.words, "version": version}
        form = cls(formdata=None, data=data)
        form.kind = kind
        return form

    @classmethod
    def read(cls, kind: str) -> "OwnWordsForm":
        """The form as it was sent."""
        form = cls()
        form.kind = kind
        return form

    def own(self) -> OwnWords:
        """What was typed, tidied."""
        return tidied(subject=self.subject.data or "", words=self.words.data or "")

    def validate(self, extra_validators: object = None) -> bool:  # noqa: ARG002 - WTForms calls it
        """Whether the words may be kept; else errors stand at the fields, with their place."""
        faults = faults_in(kind=self.kind, own=self.own())
        for name, found in faults.items():
            self[name].errors = [
                _(one.sentence, what=one.what, line=one.line, place=one.place) for one in found
            ]
        return not faults

    def looked_at(self) -> int:
        """The version that was looked at; one that cannot be for what is no number."""
        text = self.version.data or ""
        return int(text) if _NUMBER.fullmatch(text) else -1
