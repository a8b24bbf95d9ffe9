"""How a form is signed when it is handed in."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from clinic.intake.operations.signing import LONGEST_NAME, SHORTEST_NAME, SignatureGiven
from clinic.web.posted import PostedForm


def intent_sentence() -> str:
    """The sentence beside the box; it is part of what is signed."""
    return str(
        _(
            "I sign this form on the screen. My typed name is my signature under everything shown"
            " above."
        )
    )


class SignatureForm(PostedForm):
    """A typed name, and a box of its own: signing is never a mere “Continue”."""

    signer = StringField(
        _l("Your full name"),
        description=_l("Who signs for a child types their own name."),
        validators=[
            InputRequired(_l("Type your full name to sign")),
            Length(min=SHORTEST_NAME, max=LONGEST_NAME, message=_l("Type your full name to sign")),
        ],
        render_kw={"autocomplete": "name"},
    )
    intent = BooleanField("", validators=[InputRequired(_l("Tick the box to sign"))])

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self.intent.label.text = intent_sentence()

    def read(self, language: str) -> SignatureGiven | None:
        """What was signed with, the form's words in this language; None with every fault told at
        its field."""
        if not self.validate():
            return None
        return SignatureGiven(str(self.signer.data), intent_sentence(), language)
