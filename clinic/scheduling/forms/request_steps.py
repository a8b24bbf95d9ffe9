"""What the desk says to a visit request: an answer, a reason, a choice of service."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice

from clinic.people.rules.names import Unusable, clean_lines
from clinic.scheduling.rules.requests import LONGEST_ANSWER, Advice, Modality, Urgency
from clinic.scheduling.rules.setting import Service, Setting
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.week_address import read_date
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.posted import PostedForm

_VERSION = re.compile(r"[0-9]{1,9}", re.ASCII)


class WordsForm(PostedForm):
    """Words for the patient, and the version of the request that they answer."""

    version = HiddenField()

    def looked_at(self) -> int | None:
        """The version, None when it is no number."""
        return read_version(self.version.data or "")


def _clean(field: TextAreaField, missing: str) -> None:
    try:
        field.data = clean_lines(field.data or "", longest=LONGEST_ANSWER)
    except Unusable as complaint:
        raise ValidationError(_(str(complaint))) from None
    if not field.data:
        raise ValidationError(missing)


class AnswerForm(WordsForm):
    """What the patient reads as our answer."""

    message = TextAreaField(
        _l("Your answer"),
        description=_l(
            "The patient reads it on the request's page, and gets a mail that it is there."
        ),
    )

    def validate_message(self, field: TextAreaField) -> None:
        """Words are needed, printable and not too many."""
        _clean(field, _("Write what the patient is to read."))


class ReplyForm(WordsForm):
    """What the patient writes back."""

    message = TextAreaField(_l("Write to us"))

    def validate_message(self, field: TextAreaField) -> None:
        """Words are needed, printable and not too many."""
        _clean(field, _("Write what you would like to tell us."))


class DeclineForm(WordsForm):
    """What the patient reads as the reason."""

    reason = TextAreaField(
        _l("Why, in words for the patient"),
        description=_l("Say what they can do instead, if there is anything."),
    )

    def validate_reason(self, field: TextAreaField) -> None:
        """A reason is needed, printable and not too long."""
        _clean(field, _("Write why; the patient reads it."))


class QuestionForm(WordsForm):
    """What a clinician is asked."""

    question = TextAreaField(
        _l("Question for the clinicians"),
        description=_l("They find it in this queue. The patient does not see it."),
    )

    def validate_question(self, field: TextAreaField) -> None:
        """Words are needed, printable and not too many."""
        _clean(field, _("Write what you want to know."))


class OpinionForm(WordsForm):
    """What a clinician says to it."""

    opinion = TextAreaField(
        _l("Your opinion"),
        description=_l("The front desk acts on it. The patient does not see it."),
    )
    advice = RadioField(
        _l("What should the desk do?"),
        choices=[
            SelectChoice(value="", label=_l("As I wrote")),
            SelectChoice(value="video", label=_l("Book by video")),
            SelectChoice(value="in_person", label=_l("Book in the clinic")),
            SelectChoice(value="call", label=_l("Call the patient first")),
            SelectChoice(value="decline", label=_l("Decline")),
        ],
        default="",
    )

    def validate_opinion(self, field: TextAreaField) -> None:
        """Words are needed, printable and not too many."""
        _clean(field, _("Write what you think."))

    def advised(self) -> Advice | None:
        """What was advised besides the words."""
        return Advice(self.advice.data) if self.advice.data in list(Advice) else None


class TurnForm(WordsForm):
    """Into which kind a request is turned, and where the patient will be."""

    state = SelectField(
        _l("State in which the patient will be"),
        choices=[
            SelectChoice(value="", label=_l("Choose one")),
            *(SelectChoice(value=code, label=name) for code, name in STATES.items()),
        ],
    )


def read_version(text: str) -> int | None:
    """The version that a page was drawn from, None for what is no number."""
    return int(text) if _VERSION.fullmatch(text) else None


def read_urgency(text: str) -> Urgency | None:
    """The urgency that was chosen, None for any other word."""
    return next((one for one in Urgency if text == str(one.value)), None)


@dataclass(frozen=True, slots=True)
class TimesAsk:
    """Which service's free times are shown, with whom (None: anybody), from which day on."""

    service: Service
    practitioner: str | None
    since: date


def read_times_ask(
    *,
    args: Mapping[str, str],
    setting: Setting,
    modality: Modality,
    state: str | None,
    wanted: str | None,
    today: date,
) -> TimesAsk | None:
    """The question in an address; None when the clinic has no service that would do.

    What is not said is as the patient wished: the first service of that kind, and their
    practitioner (``wanted``) where that one does it.
    """
    known = services_for(setting=setting, state=state)
    fitting = [one for one in known if one.modality == modality.value]
    who = args.get("practitioner", wanted or "")
    of_who = setting.practitioners[who].services if who in setting.practitioners else None
    usual = [one for one in fitting if of_who is None or one.slug in of_who] or fitting or known
    if not usual:
        return None
    slug = args.get("service", "")
    service = next((one for one in known if one.slug == slug), usual[0])
    does = of_who is not None and service.slug in of_who
    since = read_date(args.get("since", "")) or today
    return TimesAsk(service, who if does else None, max(since, today))


def services_for(*, setting: Setting, state: str | None) -> list[Service]:
    """What the desk may book for a request: classes apart, by video only where a state is known."""
    return [
        one
        for one in setting.services.values()
        if one.capacity == 1 and (state or not one.is_telehealth)
    ]


def times_fields(*, ask: TimesAsk, setting: Setting, state: str | None) -> tuple[FieldView, ...]:
    """The question as fields to change it by."""
    services = [(one.slug, one.name) for one in services_for(setting=setting, state=state)]
    people = [
        (one.slug, one.name)
        for one in setting.practitioners.values()
        if ask.service.slug in one.services
    ]
    return (
        _select("service", _("Service"), services, ask.service.slug),
        _select("practitioner", _("With"), [("", _("Anybody")), *people], ask.practitioner or ""),
    )


def _select(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> FieldView:
    choices = tuple(
        ChoiceView(f"{name}-{number}", value, words, value == chosen)
        for number, (value, words) in enumerate(options)
    )
    return FieldView(id=name, name=name, label=label, choices=choices)
