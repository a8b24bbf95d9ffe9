"""What staff ask and type when they book: whom, what, with whom, from when on."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, StringField, TelField

from clinic.core.errors import Invalid
from clinic.desk.presenters.asking import BookAsk
from clinic.people.rules.names import Unusable, clean_text
from clinic.people.rules.patients import PatientDetails, patient_details
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.wall_time import at_wall_time
from clinic.scheduling.rules.week_address import read_date
from clinic.web.date_field import BirthDateField
from clinic.web.posted import PostedForm

LONGEST_REASON = 500
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})", re.ASCII)
_PERSON = {"spellcheck": "false", "autocomplete": "off"}


def read_book_ask(
    *,
    values: Mapping[str, str],
    patient: str,
    setting: Setting,
    today: date,
    last: Visit | None = None,
) -> BookAsk | None:
    """The question in an address or form; None when the clinic has nothing to book.

    What is not said is as the patient's ``last`` visit was.
    """
    services = list(setting.services.values())
    if not services:
        return None
    slug = values.get("service") or (last.service if last else "")
    service = setting.services.get(slug, services[0])
    wanted = values.get("practitioner", last.practitioner if last else "")
    known = setting.practitioners.get(wanted)
    since = read_date(values.get("since", "")) or today
    state = (values.get("state") or (last.patient_state if last else "") or "").upper()
    return BookAsk(
        patient=patient,
        service=service,
        practitioner=wanted if known and service.slug in known.services else None,
        since=max(since, today),
        state=(state if state in STATES else _usual_state(setting))
        if service.is_telehealth
        else None,
        after=values.get("after", "")[:22],
    )


def _usual_state(setting: Setting) -> str | None:
    """The state in which most here are licensed first."""
    found = [
        licence.state
        for one in setting.practitioners.values()
        for licence in one.licences
        if licence.state
    ]
    return found[0] if found else None


def read_moment(*, values: Mapping[str, str], zone: str) -> datetime | None:
    """The typed date and wall time as an instant; None for what is no time of that day."""
    day, clock = read_date(values.get("date", "")), _CLOCK.fullmatch(values.get("time", ""))
    if day is None or clock is None:
        return None
    hour, minute = int(clock[1]), int(clock[2])
    if hour > 23 or minute > 59:
        return None
    found = at_wall_time(day=day, minute=hour * 60 + minute, zone=zone)
    return instant(found) if found is not None else None


def read_reason(text: str) -> str | None:
    """A reason to override, as one line; None when nothing that can be kept was typed."""
    try:
        return clean_text(" ".join(text.split()), longest=LONGEST_REASON) or None
    except Unusable:
        return None


class NewPatientForm(PostedForm):
    """Somebody who was never here: what the desk asks on the phone."""

    given_name = StringField(_l("Given name"), render_kw=_PERSON)
    family_name = StringField(_l("Family name"), render_kw=_PERSON)
    birth_date = BirthDateField(_l("Date of birth"))
    phone = TelField(_l("Phone number"), render_kw={"autocomplete": "off"})
    email = EmailField(_l("E-mail address"), render_kw={**_PERSON, "autocapitalize": "none"})
    texts = BooleanField(
        _l("Wants reminders by text message"),
        description=_l(
            "Ask, and tick only after a yes: your name and the moment are kept. "
            "Answering STOP ends it at any time."
        ),
    )

    def __init__(self, *, offers_texts: bool = False, **more: Any) -> None:
        super().__init__(**more)
        if not offers_texts:
            del self.texts

    def read(self, *, today: date) -> PatientDetails | None:
        """The details, or None with every fault told at its field."""
        is_sound = self.validate()
        born = self.birth_date.data
        raw = {
            "given_name": self.given_name.data or "",
            "family_name": self.family_name.data or "",
            "birth_date": born.isoformat() if born else "",
            "phone": self.phone.data or "",
            "email": self.email.data or "",
        }
        try:
            found = patient_details(raw, contact_required=False, today=today)
        except Invalid as refusal:
            for path, sentences in refusal.errors.items():
                field = self[path.rpartition(".")[2]]
                field.errors = field.errors or [_(sentences[0])]
            return None
        wants_texts = "texts" in self and bool(self.texts.data)
        if wants_texts and not found.phone:
            self.phone.errors = [_("Enter the number that the text messages should go to.")]
            return None
        return replace(found, wants_texts=wants_texts) if is_sound else None
