"""What staff type about orders."""

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from clinic.web.amounts import cents_of
from clinic.web.posted import PostedForm

LONGEST_REASON = 500
LONGEST_KEY = 64
LONGEST_NOTE = 1000


class RefundForm(PostedForm):
    """An amount and why. ``key`` tells one press of the button from another."""

    amount = StringField(_l("Amount"), render_kw={"inputmode": "decimal", "autocomplete": "off"})
    reason = StringField(_l("Why"), render_kw={"autocomplete": "off"})
    key = HiddenField()

    def read(self) -> tuple[int, str] | None:
        """Cents and the reason, or None with the faults told."""
        sound = bool(self.validate())
        cents, reason = cents_of(self.amount.data or ""), (self.reason.data or "").strip()
        if not cents:
            self.amount.errors = [_("Enter an amount like 420 or 420.50.")]
        if not 0 < len(reason) <= LONGEST_REASON:
            self.reason.errors = [_("Say why, in at most 500 characters.")]
        if not sound or not cents or self.reason.errors:
            return None
        return cents, reason

    def submission(self) -> str | None:
        """The key of this form; None for one that no form of ours can have."""
        key = (self.key.data or "")[: LONGEST_KEY + 1]
        return key if 0 < len(key) <= LONGEST_KEY and key.isascii() else None


class AcceptForm(PostedForm):
    """Why another amount than the one that was asked is enough."""

    accepted = StringField(_l("Why it is enough"), render_kw={"autocomplete": "off"})

    def read(self) -> str | None:
        """The reason, or None with the fault told."""
        sound = bool(self.validate())
        why = (self.accepted.data or "").strip()
        if not 0 < len(why) <= LONGEST_REASON:
            self.accepted.errors = [_("Say why, in at most 500 characters.")]
            return None
        return why if sound else None


class CancelOrderForm(PostedForm):
    """Why an order is cancelled, and how much goes back if not what the rule says."""

    why = StringField(_l("Why"), render_kw={"autocomplete": "off"})
    back = StringField(
        _l("Give back"),
        description=_l("Empty: what the rule says."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )

    def read(self) -> tuple[str, int | None] | None:
        """The reason and the cents (None: by the rule), or None with the faults told."""
        sound = bool(self.validate())
        why, typed = (self.why.data or "").strip(), (self.back.data or "").strip()
        cents = cents_of(typed) if typed else None
        if not 0 < len(why) <= LONGEST_REASON:
            self.why.errors = [_("Say why, in at most 500 characters.")]
        if typed and cents is None:
            self.back.errors = [_("Enter an amount like 420 or 420.50, or leave it empty.")]
        if not sound or self.why.errors or self.back.errors:
            return None
        return why, cents


class NoteForm(PostedForm):
    """A note for colleagues, or how a task was settled."""

    note = TextAreaField(_l("Note for colleagues"))


class SettleForm(PostedForm):
    """How a task was settled that no order bears: nothing else will say it."""

    note = StringField(_l("How it was settled"), render_kw={"autocomplete": "off"})

    def of(self, task: str) -> "SettleForm":
        """The same with an id of its own: one stands on the page for each task."""
        self.note.id = f"note-{task}"
        return self

    def read(self) -> str | None:
        """The note, or None with the fault told."""
        sound, typed = bool(self.validate()), (self.note.data or "").strip()
        if not 0 < len(typed) <= LONGEST_NOTE:
            self.note.errors = [_("Say how it was settled, in at most 1,000 characters.")]
            return None
        return typed if sound else None


class ReportForm(PostedForm):
    """The report, pictures that belong to it, or a file that the lab's own programs wrote."""

    report = FileField(
        _l("Report, picture or file of the lab"),
        description=_l(
            "A report or picture: PDF, JPEG or PNG of at most 10 MB. A file of the lab: C3D, CSV, "
            "TSV, TRC, MOT, STO or TXT of at most 20 MB."
        ),
    )


class SaleForm(PostedForm):
    """What is sold at the desk, and how it is paid."""

    product = RadioField(_l("What"), validate_choice=False)
    how = RadioField(
        _l("How it is paid"),
        choices=[
            SelectChoice(value="link", label=_l("By a link that we mail")),
            SelectChoice(value="terminal", label=_l("Card at the desk’s terminal, now")),
            SelectChoice(value="cash", label=_l("Cash, now")),
        ],
        validate_choice=False,
    )
    key = HiddenField()

    def is_sound(self) -> bool:
        """Whether both were chosen of what there is."""
        sound = bool(self.validate())
        known = {str(choice.value) for choice in self.product.choices}
        if self.product.data not in known:
            self.product.errors = [_("Choose what is sold.")]
            sound = False
        if self.how.data not in {"link", "terminal", "cash"}:
            self.how.errors = [_("Choose how it is paid.")]
            sound = False
        return sound


class BalanceForm(PostedForm):
    """What is left to pay for a visit: one of a patient's, or the one of a reference."""

    patient = HiddenField()
    visit = SelectField(_l("Which visit"), choices=[], validate_choice=False)
    reference = StringField(
        _l("Reference of the visit"),
        description=_l("Six signs, like P3H-3K7."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    amount = StringField(_l("Amount"), render_kw={"inputmode": "decimal", "autocomplete": "off"})

    @property
    def asked(self) -> StringField | SelectField:
        """Where the visit is named: from a record it is chosen, else its reference is typed."""
        return self.visit if self.patient.data else self.reference

    def offer(self, visits: Iterable[tuple[str, str]]) -> None:
        """Let one of these be chosen: the reference of each, and its words."""
        choices = [SelectChoice(value="", label=_("Choose a visit"))]
        choices += [SelectChoice(value=value, label=label) for value, label in visits]
        self.visit.choices = choices

    def read(self) -> tuple[str, int] | None:
        """The reference as typed or chosen and cents, or None with the faults told."""
        sound = bool(self.validate())
        reference, cents = (self.asked.data or "").strip(), cents_of(self.amount.data or "")
        if not reference:
            self.asked.errors = [
                _("Choose a visit.")
                if self.patient.data
                else _("Enter the reference of the visit.")
            ]
        if not cents:
            self.amount.errors = [_("Enter an amount like 180 or 180.50.")]
        return (reference, cents) if sound and reference and cents else None
