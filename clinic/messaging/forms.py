"""What the manager types into a message."""

import re
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField

from clinic.messaging.wording import OwnWords, faults_in, runs_from_right, tidied
from clinic.web.posted import PostedForm

_NUMBER = re.compile("[0-9]{1,9}", re.ASCII)
_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


class OwnWordsForm(PostedForm):
    """A subject and some lines, and the version that was looked at."""

    subject = StringField(
        _l("Subject"), description=_l("Leave it empty for the one that ships with the product.")
    )
    body = TextAreaField(
        _l("Text"), description=_l("A link or a code on a line of its own becomes a button.")
    )
    sms = TextAreaField(_l("Text message"))
    words = TextAreaField(
        _l("Own words, below the message"), description=_l("An empty line begins a new paragraph.")
    )
    version = HiddenField()
    kind = ""

    @classmethod
    def of(cls, kind: str, own: OwnWords, version: int, shipped: OwnWords) -> "OwnWordsForm":
        """The form filled with the words as they stand; what ships where they are empty."""
        data = {
            "subject": own.subject or shipped.subject,
            "body": own.body or shipped.body,
            "sms": own.sms or shipped.sms,
            "words": own.words,
            "version": version,
        }
        form = cls(formdata=None, data=data)
        form.kind = kind
        return form

    @classmethod
    def read(cls, kind: str) -> "OwnWordsForm":
        """The form as it was sent."""
        form = cls()
        form.kind = kind
        return form

    def run(self, language: str) -> None:
        """Let what is typed in a language of the other direction run from right to left.

        What ships stands there in English until it is written over, so it runs as it is typed.
        """
        if not runs_from_right(language):
            return
        for field in (self.subject, self.body, self.sms, self.words):
            is_ours = not field.data or _FROM_RIGHT.search(field.data)
            field.render_kw = {"dir": "rtl" if is_ours else "auto"}

    def own(self, shipped: OwnWords | None = None) -> OwnWords:
        """What was typed, tidied; what is as it ships is left out, so that it follows a release."""
        own = tidied(
            subject=self.subject.data or "",
            words=self.words.data or "",
            body=self.body.data or "",
            sms=self.sms.data or "",
        )
        same = [
            name
            for name in ("subject", "body", "sms")
            if shipped and getattr(own, name) == getattr(shipped, name)
        ]
        return replace(own, **dict.fromkeys(same, ""))

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
