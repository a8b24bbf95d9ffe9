"""Single values of a clinic file: each function returns what is wrong, or None."""

import re
import unicodedata
from functools import cache
from zoneinfo import available_timezones

import phonenumbers

from clinic.scheduling.rules.setting import MINUTES_OF_A_DAY
from clinic.scheduling.rules.states import STATES

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_SLUG = 64

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_PHONE = re.compile(r"\+?[0-9(][0-9 ().-]{5,28}[0-9]")


def text_problem(text: str, *, most: int, lines: bool = False) -> str | None:
    """Empty, too long, or with characters that no reader sees. `lines` allows line breaks."""
    if len(text) > most:
        return f"must be at most {most} characters, not {len(text)}"
    if not any(sign.isprintable() and not sign.isspace() for sign in text):
        return "must not be empty"
    body = text.replace("\n", "") if lines else text
    if any(unicodedata.category(sign) in {"Cc", "Cn", "Co", "Cs", "Zl", "Zp"} for sign in body):
        return "must not contain control characters"
    return None


def slug_problem(text: str) -> str | None:
    """A slug is small letters, digits and single hyphens between them, at most 64."""
    if len(text) > LONGEST_SLUG:
        return f"must be at most {LONGEST_SLUG} characters, not {len(text)}"
    if not _SLUG.fullmatch(text):
        return 'must be small letters, digits and single hyphens, such as "gait-lab"'
    return None


def clock_minutes(text: str) -> int | None:
    """Minutes from midnight of "HH:MM", 1440 for "24:00", None when it is neither."""
    if text == "24:00":
        return MINUTES_OF_A_DAY
    match = _CLOCK.fullmatch(text)
    return int(match[1]) * 60 + int(match[2]) if match else None


def clock_text(minutes: int) -> str:
    """ "HH:MM" of minutes from midnight; 1440 is "24:00"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@cache
def zones() -> frozenset[str]:
    """Every IANA zone this machine knows."""
    return frozenset(available_timezones())


def phone_problem(text: str) -> str | None:
    """A number that can be dialled: digits with the usual signs; abroad it starts with +."""
    wrong = 'must be a phone number, such as "+1 212 555 0100"'
    if not _PHONE.fullmatch(text):
        return wrong
    if text.startswith("+"):
        try:
            number = phonenumbers.parse(text, None)
        except phonenumbers.NumberParseException:
            return wrong
        return None if phonenumbers.is_possible_number(number) else wrong
    return None


def state_problem(text: str) -> str | None:
    """A state's or territory's postal code, as telehealth patients choose it."""
    if text in STATES:
        return None
    return 'must be the two capital letters of a state or territory of the USA, such as "NY"'


def currency_problem(text: str) -> str | None:
    """An ISO 4217 code in small letters, as the payment service writes it."""
    from babel.numbers import list_currencies

    if text.lower() == text and text.upper() in list_currencies():
        return None
    return 'must be a currency code in small letters, such as "usd"'
