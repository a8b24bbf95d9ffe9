"""The words for what a visit request holds: parts of the body, times, people."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from flask_babel import get_locale
from flask_babel import gettext as _

from clinic.core.values import Interval
from clinic.scheduling.presenters.times import clock_words, moment_words
from clinic.scheduling.rules.requests import Advice, BodyArea, Modality, part_of
from clinic.scheduling.rules.week_view import Part
from clinic.web.filters import short_date

LANGUAGES: Mapping[str, Callable[[], str]] = {
    "": lambda: str(_("English")),
    "es": lambda: str(_("Spanish")),
    "zh": lambda: str(_("Chinese")),
    "tl": lambda: str(_("Tagalog")),
    "vi": lambda: str(_("Vietnamese")),
    "ar": lambda: str(_("Arabic")),
    "fr": lambda: str(_("French")),
    "ko": lambda: str(_("Korean")),
    "ru": lambda: str(_("Russian")),
    "pt": lambda: str(_("Portuguese")),
    "ht": lambda: str(_("Haitian Creole")),
    "hi": lambda: str(_("Hindi")),
    "pl": lambda: str(_("Polish")),
    "it": lambda: str(_("Italian")),
    "ase": lambda: str(_("American Sign Language")),
}
"""BCP 47 tag -> its words; the house speaks English without being asked."""


def language_words(language: str | None, *, interpreter: bool) -> str:
    """`Spanish, with an interpreter`; empty where nothing was asked for."""
    named = LANGUAGES.get(language or "")
    words = named() if named else _name_of(language or "")
    if interpreter:
        return str(_("%(language)s, with an interpreter", language=words))
    return words if language else ""


def _name_of(tag: str) -> str:
    """`Swahili` for a tag that a program sent; the tag itself where it has no name."""
    locale = get_locale()
    return locale.languages.get(tag.split("-", maxsplit=1)[0].lower(), tag) if locale else tag


def modality_words(modality: Modality, *, is_unsure: bool) -> str:
    """`By video`, `At the office`, or that either would do."""
    if is_unsure:
        return str(_("By video or at the office"))
    return str(_("By video") if modality is Modality.TELEHEALTH else _("At the office"))


def area_words(area: BodyArea | None) -> str:
    """`Hip or buttock`; empty where nothing was chosen."""
    words = {
        BodyArea.NECK: _("Neck or head"),
        BodyArea.SHOULDER: _("Shoulder"),
        BodyArea.ARM: _("Elbow, wrist or hand"),
        BodyArea.BACK: _("Back"),
        BodyArea.HIP: _("Hip or buttock"),
        BodyArea.KNEE: _("Knee"),
        BodyArea.FOOT: _("Leg, ankle or foot"),
        BodyArea.OTHER: _("Somewhere else, or several places"),
    }
    return str(words[area]) if area else ""


def time_words(time: Interval, *, zone: str) -> str:
    """`Tue, Mar 3, in the morning`, or from when to when where it is no part of a day."""
    found = part_of(time=time, zone=zone)
    if found is not None:
        day, part = found
        return f"{short_date(day)}, {part_words(part)}"
    first, last = (at.astimezone(ZoneInfo(zone)) for at in (time.starts_at, time.ends_at))
    ends = (
        clock_words(last, zone=zone)
        if first.date() == last.date()
        else moment_words(last, zone=zone)
    )
    return str(_("%(start)s to %(end)s", start=moment_words(first, zone=zone), end=ends))


def part_words(part: Part | None) -> str:
    """`in the morning`, or `any time`."""
    words = {
        None: _("any time"),
        Part.MORNING: _("in the morning"),
        Part.AFTERNOON: _("in the afternoon"),
        Part.EVENING: _("after 5 PM"),
    }
    return str(words[part])


def guardian_words(name: str, relation: str) -> str:
    """`Rosa Beltran, parent`."""
    words = {
        "parent": _("parent"),
        "guardian": _("legal guardian"),
        "other": _("in place of a parent"),
    }
    return f"{name}, {words[relation]}"


def advice_words(advice: Advice) -> str:
    """What a clinician advises, in a few words."""
    words = {
        Advice.VIDEO: _("Book by video"),
        Advice.IN_PERSON: _("Book in the clinic"),
        Advice.CALL: _("Call the patient first"),
        Advice.DECLINE: _("Decline"),
    }
    return str(words[advice])


def step_words(step: str) -> str:
    """A step of a request's story; one that has no words of its own by its name."""
    words = {
        "requested": _("Asked for"),
        "answered": _("Answered"),
        "replied": _("Written back"),
        "offered": _("Times offered"),
        "lapsed": _("Offered times ran out"),
        "retracted": _("Offered times were taken back"),
        "scheduled": _("Scheduled"),
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
        "reopened": _("Taken up again"),
        "turned": _("Turned into the other kind"),
        "merged": _("Joined with another request"),
        "consulted": _("Clinician asked"),
        "advised": _("Opinion given"),
        "triaged": _("Urgency changed"),
    }
    return str(words.get(step, step))
