"""The page that an answer calls for at once: what to do, and what to say there. General advice
only (fixed words); nothing here is a finding about the one who reads it."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.intake.rules.alarms import Level, Worded, telling

SELF_HARM = "RF-SH-1"
HELPLINE = "988"


@dataclass(frozen=True, slots=True)
class StopView:
    """``number`` is whom to call, ``call`` the words on the button; ``said`` what was answered.

    ``then`` are further lines of advice. ``is_emergency``: red, and no time is to be lost.
    """

    title: str
    lead: str
    number: str
    call: str
    then: tuple[str, ...]
    said: tuple[str, ...]
    is_emergency: bool


def present_stop(
    *, level: Level, rules: Iterable[str], answers: Iterable[Worded], phone: str
) -> StopView:
    """The page of a level; ``rules`` are the ids that fired, ``phone`` is the clinic's."""
    said = telling(answers)
    if level is not Level.EMERGENCY:
        return StopView(
            title=_("Call us today."),
            lead=_(
                "You told us about something that a clinician should hear of today. Please do not"
                " wait for your visit."
            ),
            number=phone,
            call=_("Call the clinic"),
            then=(
                _(
                    "We are closed, or you cannot reach us? Go to an urgent care center or an"
                    " emergency department today."
                ),
                _("It gets worse, or you feel very unwell? Call 911."),
            ),
            said=said,
            is_emergency=False,
        )
    if SELF_HARM in rules:
        return StopView(
            title=_("Call or text 988 now. You are not alone."),
            lead=_(
                "You told us about thoughts of hurting yourself. Somebody who can help answers at"
                " 988 at any hour, free of charge."
            ),
            number=HELPLINE,
            call=_("Call 988"),
            then=(_("You are in danger, or you have hurt yourself? Call 911."),),
            said=(),
            is_emergency=True,
        )
    return StopView(
        title=_("Call 911 now, or go to an emergency department."),
        lead=_(
            "You told us about signs that need a doctor today, within hours. Do not wait for a"
            " visit with us."
        ),
        number="911",
        call=_("Call 911"),
        then=(_("Do not drive yourself."),),
        said=said,
        is_emergency=True,
    )
