"""What is asked of a buyer besides who comes: whether it suits them, and that they were told."""

import secrets

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice

from clinic.web.date_field import BirthDateField
from clinic.web.posted import PostedForm

NONE, SOME = "none", "some"
LONGEST_KEY = 64


class TermsForm(PostedForm):
    """Whether anything speaks against it, and what New York asks to be told of cards.

    Which of the reasons applies is not asked: the answer would be about somebody's health, and
    nobody here needs to know it. ``key`` tells one filled form from another.
    """

    suits = RadioField(
        _l("Does any of this apply to whoever comes?"),
        choices=[
            SelectChoice(value=NONE, label=_l("No, none of it")),
            SelectChoice(value=SOME, label=_l("Yes, or I am not sure")),
        ],
        validate_choice=False,
    )
    understood = BooleanField(_l("I have read what paying by credit card means"))
    key = HiddenField()

    def begin(self) -> None:
        """Give a form that is looked at for the first time its own key."""
        if not self.key.data:
            self.key.data = secrets.token_urlsafe(16)

    def is_sound(self, *, asks: bool) -> bool:
        """Whether everything was answered; ``asks``: the product has reasons to ask for."""
        sound = bool(self.validate())
        if asks and self.suits.data not in {NONE, SOME}:
            self.suits.errors = [_("Choose one of the two.")]
            sound = False
        if not self.understood.data:
            self.understood.errors = [_("Tick the box once you have read it.")]
            sound = False
        return sound

    def speaks_against(self) -> bool:
        """Whether somebody should talk with the clinic first."""
        return str(self.suits.data) == SOME

    def submission(self) -> str | None:
        """The key of this form; None for one that no form of ours can have."""
        key = (self.key.data or "")[: LONGEST_KEY + 1]
        return key if 0 < len(key) <= LONGEST_KEY and key.isascii() else None


class FindOrderForm(PostedForm):
    """The order of a code and a birth date."""

    code = StringField(
        _l("Order code"),
        description=_l("Like KX4-7QM-9TFR; it stands on your receipt and on the order’s page."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    birth_date = BirthDateField(
        _l("Date of birth of whoever comes"), description=_l("For example 3 14 1984.")
    )

    def is_sound(self) -> bool:
        """Whether both are there; what they open is not told by a form."""
        sound = bool(self.validate())
        if not (self.code.data or "").strip():
            self.code.errors = [_("Enter the code of your order.")]
            sound = False
        if self.birth_date.data is None and not self.birth_date.errors:
            self.birth_date.errors = [_("Enter the date of birth.")]
            sound = False
        return sound
