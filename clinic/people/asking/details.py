"""Who is coming: the few details a visit needs."""

from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, StringField, TelField

from clinic.core.errors import Invalid
from clinic.people.rules.patients import PatientDetails, patient_details
from clinic.web.date_field import BirthDateField
from clinic.web.posted import PostedForm

PERSON = ("given_name", "family_name", "birth_date")
CONTACT = ("email", "phone")


class DetailsForm(PostedForm):
    """Name, birth date, and an e-mail address or a phone number.

    With ``offers_texts`` also a wish for reminders by text message, never ticked beforehand.

    Faults are told in the order of the page: ``ORDER`` names the fields where more are mixed in.
    """

    ORDER: ClassVar[tuple[str, ...]] = (*PERSON, *CONTACT)

    given_name = StringField(
        _l("Given name"),
        description=_l("As on your ID."),
        render_kw={"autocomplete": "given-name", "spellcheck": "false"},
    )
    family_name = StringField(
        _l("Family name"), render_kw={"autocomplete": "family-name", "spellcheck": "false"}
    )
    birth_date = BirthDateField(_l("Date of birth"), description=_l("For example 3 14 1984."))
    email = EmailField(
        _l("E-mail address"),
        description=_l("Give an e-mail address or a phone number, or both."),
        render_kw={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"},
    )
    phone = TelField(
        _l("Phone number"),
        description=_l("With area code."),
        render_kw={"autocomplete": "tel"},
    )

    texts = BooleanField(
        _l("Remind me by text message"),
        description=_l(
            "Day, time and a link, nothing about your health: up to three messages for each visit. "
            "Your carrier may charge you for them. Answer STOP to end it at any time. "
            "We see you just as well without it."
        ),
    )

    def __init__(self, *, offers_texts: bool = False, **more: Any) -> None:
        super().__init__(**more)
        for name in self.ORDER:
            self._fields[name] = self._fields.pop(name)
        if not offers_texts:
            del self.texts

    def is_begun(self) -> bool:
        """Whether anything was typed."""
        return any(
            str(typed).strip()
            for field in self
            if field.name != "csrf_token"
            for typed in field.raw_data or ()
        )

    def read(self, *, today: date) -> PatientDetails | None:
        """The patient's details, or None with every fault told at its field."""
        is_sound = self.validate()
        born = self.birth_date.data
        raw = {
            "given_name": self.given_name.data or "",
            "family_name": self.family_name.data or "",
            "birth_date": born.isoformat() if born else "",
            "email": self.email.data or "",
            "phone": self.phone.data or "",
        }
        try:
            found = patient_details(raw, contact_required=True, today=today)
        except Invalid as refusal:
            self._tell(refusal.errors)
            return None
        if self.wants_texts() and not found.phone:
            self.phone.errors = [_("Enter the number that the text messages should go to.")]
            return None
        return replace(found, wants_texts=self.wants_texts()) if is_sound else None

    def speak_of_a_call(self) -> None:
        """Let the box for texts say what the desk asks on the phone."""
        if "texts" in self:
            self.texts.label.text = _("Wants reminders by text message")
            self.texts.description = _(
                "Ask, and tick only after a yes: your name and the moment are kept. "
                "Answering STOP ends it at any time."
            )

    def wants_texts(self) -> bool:
        """Whether reminders by text message were asked for, where they are offered."""
        return "texts" in self and bool(self.texts.data)

    def _tell(self, errors: dict[str, list[str]]) -> None:
        told: set[str] = set()
        for path, sentences in errors.items():
            field = self[path.rpartition(".")[2]]
            if not field.errors and sentences[0] not in told:
                field.errors = [_(sentences[0])]
                told.add(sentences[0])
