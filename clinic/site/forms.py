"""What the manager types into the site's texts: a form for each kind, checked by its rules."""

import re
from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField

from clinic.site.rules.markup import links_of, read_markup
from clinic.site.rules.texts import FIELDS, Kind, Text, faults_in, tidied
from clinic.web.pages import page_at
from clinic.web.posted import PostedForm

_NUMBER = re.compile("[0-9]{1,9}", re.ASCII)


class TextForm(PostedForm):
    """A text's fields, and the version that was looked at."""

    kind: ClassVar[Kind]
    version = HiddenField()

    @classmethod
    def of(cls, text: Text) -> "TextForm":
        """The form filled with a text as it stands."""
        return cls(formdata=None, data={**text.content, "version": text.version})

    def validate(self, extra_validators: object = None) -> bool:  # noqa: ARG002 - WTForms calls it
        """Whether the rules of this kind take what was typed; else errors stand at the fields."""
        content = self.content()
        for name, faults in faults_in(kind=self.kind, content=content).items():
            self[name].errors = [_(fault.sentence, about=fault.about) for fault in faults]
        for rule in FIELDS[self.kind]:
            if rule.is_markup and not self[rule.name].errors:
                self[rule.name].errors = _dead_links(content[rule.name])
        return not any(self[rule.name].errors for rule in FIELDS[self.kind])

    def content(self) -> dict[str, str]:
        """What was typed, tidied."""
        names = (rule.name for rule in FIELDS[self.kind])
        return tidied(kind=self.kind, content={name: self[name].data or "" for name in names})

    def looked_at(self) -> int:
        """The version that was looked at; one that cannot be for what is no number."""
        text = self.version.data or ""
        return int(text) if _NUMBER.fullmatch(text) else -1


def _dead_links(text: str) -> list[str]:
    """A sentence for each link that leads to no page of ours, in a query or an anchor too."""
    found = links_of(read_markup(text))
    dead = [href for href in found if not page_at(re.split("[?#]", href)[0])]
    return [_("There is no page at %(href)s.", href=href) for href in dead]


class HomeForm(TextForm):
    """The home page's words."""

    kind = Kind.HOME
    headline = StringField(_l("Headline, first line"))
    turn = StringField(
        _l("Headline, second line"), description=_l("Its first word is set in italics.")
    )
    lead = TextAreaField(_l("Below the headline"))
    description = TextAreaField(
        _l("For search engines"), description=_l("One or two sentences; results show them.")
    )
    feature = StringField(_l("Heading of the green part"))
    story = TextAreaField(_l("Text of the green part"))


class ArticleForm(TextForm):
    """A condition's page."""

    kind = Kind.CONDITION
    title = StringField(_l("Title"))
    summary = TextAreaField(
        _l("Summary"), description=_l("One or two sentences; lists and search engines show them.")
    )
    body = TextAreaField(_l("Text"))


class NewConditionForm(ArticleForm):
    """A new condition's page with its address."""

    slug = StringField(
        _l("Address"),
        description=_l("The last part of it, like knee-pain: small letters, digits and dashes."),
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )


class PageForm(ArticleForm):
    """A page about the site itself."""

    kind = Kind.PAGE


class PersonForm(TextForm):
    """What a practitioner's page says besides name, services and times."""

    kind = Kind.PERSON
    focus = StringField(
        _l("What they are good at"), description=_l("A few words, like: Hips and running injuries")
    )
    languages = StringField(_l("Languages"), description=_l("Parted by commas."))
    credentials = TextAreaField(_l("Training"))
    bio = TextAreaField(_l("About them"))


FORMS: dict[Kind, type[TextForm]] = {
    Kind.HOME: HomeForm,
    Kind.CONDITION: ArticleForm,
    Kind.PAGE: PageForm,
    Kind.PERSON: PersonForm,
}
