"""What staff type of money: a payment for a visit, what is due, the drawer's count."""

import secrets
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice

from clinic.people.rules.names import Unusable, clean_text
from clinic.web.amounts import cents_of
from clinic.web.posted import PostedForm

LONGEST_KEY = 64
LONGEST_REFERENCE = 40
LONGEST_REASON = 500
MOST_DIGITS = 9
_MONEY = {"inputmode": "decimal", "autocomplete": "off"}


class KeyedForm(PostedForm):
    """A form whose ``key`` tells one press of its button from another."""

    key = HiddenField()

    def renew(self) -> None:
        """Give the form a key of its own, for a page that is shown anew."""
        self.key.data = secrets.token_urlsafe(16)
        self.key.raw_data = None

    def own_key(self) -> str:
        """The key; one that no form of ours can have counts as none."""
        key = self.key.data or ""
        is_ours = 0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()
        return key if is_ours else secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True)
class TypedPayment:
    """Cents, how they were paid, the slip's number, and what the page said is left."""

    cents: int
    means: str
    reference: str | None
    left_cents: int


class PaymentForm(KeyedForm):
    """Money that a patient pays at the desk for a visit."""

    amount = StringField(_l("Amount"), render_kw=_MONEY)
    means = RadioField(
        _l("How it is paid"),
        choices=[
            SelectChoice(value="terminal", label=_l("Card at the terminal")),
            SelectChoice(value="cash", label=_l("Cash")),
        ],
        validate_choice=False,
    )
    slip = StringField(
        _l("Number on the terminal’s slip"),
        description=_l("So that the card’s statement can be matched."),
        render_kw={"autocomplete": "off", "maxlength": str(LONGEST_REFERENCE)},
    )
    left = HiddenField()

    def read(self) -> TypedPayment | None:
        """What was typed, or None with the faults told."""
        sound = bool(self.validate())
        cents, slip = cents_of(self.amount.data or ""), _text(self.slip, LONGEST_REFERENCE)
        if not cents:
            self.amount.errors = [_("Enter an amount like 180 or 180.50.")]
        if self.means.data not in {"cash", "terminal"}:
            self.means.errors = [_("Choose cash or terminal.")]
        faulty = self.amount.errors or self.means.errors or self.slip.errors
        if not sound or not cents or faulty:
            return None
        is_card = self.means.data == "terminal"
        return TypedPayment(cents, self.means.data, slip if is_card else None, number(self.left))


class DueForm(PostedForm):
    """What a visit costs in place of the service's price, and why."""

    due = StringField(_l("What is due for this visit"), render_kw=_MONEY)
    due_why = StringField(
        _l("Why"),
        description=_l("For example: co-payment, the insurer pays the rest."),
        render_kw={"autocomplete": "off"},
    )

    def read(self) -> tuple[int, str] | None:
        """Cents (nothing is fine) and the reason, or None with the faults told."""
        sound = bool(self.validate())
        cents, why = cents_of(self.due.data or ""), _text(self.due_why, LONGEST_REASON)
        if cents is None:
            self.due.errors = [_("Enter an amount like 180 or 180.50.")]
        if not why and not self.due_why.errors:
            self.due_why.errors = [_("Say why, in at most 500 characters.")]
        return (cents, why) if sound and cents is not None and why else None


class CountForm(KeyedForm):
    """The drawer as somebody counted it. ``expected`` and ``seen`` are what the page said."""

    counted = StringField(_l("Counted in the drawer"), render_kw=_MONEY)
    banked = StringField(
        _l("Of it taken out"),
        description=_l("What leaves the drawer, for the bank. The rest is tomorrow’s change."),
        render_kw=_MONEY,
    )
    note = StringField(
        _l("Note"),
        description=_l("If it does not fit: what you know of it. No names of patients."),
        render_kw={"autocomplete": "off"},
    )
    expected = HiddenField()
    seen = HiddenField()

    def read(self) -> tuple[int, int, str | None] | None:
        """Cents counted and taken out and the note, or None with the faults told."""
        sound = bool(self.validate())
        counted = cents_of(self.counted.data or "")
        banked = cents_of(self.banked.data or "0")
        note = _text(self.note, LONGEST_REASON)
        if counted is None:
            self.counted.errors = [_("Enter what you counted, like 420 or 420.50; nothing is 0.")]
        if banked is None or (counted is not None and banked > counted):
            self.banked.errors = [_("No more can leave the drawer than was counted.")]
        faulty = self.counted.errors or self.banked.errors or self.note.errors
        if not sound or counted is None or banked is None or faulty:
            return None
        return counted, banked, note or None


class MovementForm(KeyedForm):
    """Cash put into the drawer or taken out without a patient."""

    which = RadioField(
        _l("Which way"),
        choices=[
            SelectChoice(value="in", label=_l("Put in")),
            SelectChoice(value="out", label=_l("Taken out")),
        ],
        validate_choice=False,
    )
    sum = StringField(_l("Amount"), render_kw=_MONEY)
    what = StringField(
        _l("What for"),
        description=_l("For example: change to begin with, stamps, a slip of yesterday put right."),
        render_kw={"autocomplete": "off"},
    )

    def read(self) -> tuple[int, str] | None:
        """Cents (out is negative) and the reason, or None with the faults told."""
        sound = bool(self.validate())
        cents, what = cents_of(self.sum.data or ""), _text(self.what, LONGEST_REASON)
        if not cents:
            self.sum.errors = [_("Enter an amount like 420 or 420.50.")]
        if self.which.data not in {"in", "out"}:
            self.which.errors = [_("Choose in or out.")]
        if not what and not self.what.errors:
            self.what.errors = [_("Say what for, in at most 500 characters.")]
        if not sound or not cents or not what or self.which.errors:
            return None
        return (cents if self.which.data == "in" else -cents), what


def number(field: HiddenField) -> int:
    """The number in a hidden field of ours; -1, which fits nothing, for anything else."""
    text = field.data or ""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_number else -1


def _text(field: StringField, longest: int) -> str:
    try:
        return clean_text(" ".join((field.data or "").split()), longest=longest)
    except Unusable as complaint:
        field.errors = [_(str(complaint))]
        return ""
