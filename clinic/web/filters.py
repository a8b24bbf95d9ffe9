"""Dates, times, money and phone numbers in the words of the page's language.

Presenters call these; templates have the few that need no zone. Times are always shown in a zone
that is named by the caller: a visit's place, never the reader's or the server's.
"""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency
from flask import Flask
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from jinja2 import StrictUndefined
from markupsafe import Markup

from clinic.core.values import Role


def init_filters(app: Flask) -> None:
    """Give templates the filters, and make a name they do not know an error."""
    app.jinja_env.undefined = StrictUndefined
    for name, filter_ in (
        ("local_date", local_date),
        ("local_time", local_time),
        ("local_stamp", local_stamp),
        ("money", money),
        ("minutes", duration),
        ("phone", phone),
        ("dial", dial),
        ("role_word", role_word),
        ("spoken", spoken),
        ("listed", listed),
    ):
        app.add_template_filter(filter_, name)


def listed(words: Sequence[str]) -> str:
    """`Ida and Milo`, `Ida, Milo, and Jo`: words in a row as the page's language joins them."""
    return format_list(list(words), locale=_locale())


def local_time(at: dt.datetime, *, zone: str) -> str:
    """`9:20 AM`: an instant on the wall clock of `zone` (an IANA name)."""
    return _clock(at.astimezone(ZoneInfo(zone)).time())


def local_date(at: dt.datetime, *, zone: str) -> str:
    """`Tue, Nov 24`: the local date of an instant."""
    return short_date(at.astimezone(ZoneInfo(zone)).date())


def local_full_date(at: dt.datetime, *, zone: str) -> str:
    """`November 24, 2026`: the local date of an instant, with the year."""
    return full_date(at.astimezone(ZoneInfo(zone)).date())


def local_stamp(at: dt.datetime, *, zone: str) -> str:
    """RFC 3339 with the zone's offset at that instant, for `<time datetime>`."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def short_date(day: dt.date) -> str:
    """`Tue, Nov 24`."""
    return _formed(_short_pattern(_locale()), day)


def long_date(day: dt.date) -> str:
    """`Tuesday, November 24`."""
    return _formed(_long_pattern(_locale()), day)


def full_date(day: dt.date) -> str:
    """`November 24, 2026`, for birth dates and what is read years later."""
    return _formed("long", day)


def weekday(day: dt.date) -> str:
    """`Tuesday`."""
    return _formed("EEEE", day)


def day_heading(day: dt.date) -> str:
    """`Tue 24`: the head of a column in a week."""
    return f"{_formed('EEE', day)} {day.day}"


def clock(minutes: int) -> str:
    """`8:00 AM` from minutes after local midnight, 0 to 1440; 1440 is midnight again."""
    return _clock(dt.time(minutes // 60 % 24, minutes % 60))


def short_clock(minutes: int) -> str:
    """`8 AM`, `8:30 AM`: for opening hours; whole hours lose their zeros where AM or PM follows."""
    text = clock(minutes)
    return text.replace(":00 ", " ") if text.endswith(("AM", "PM")) else text


def money(cents: int, *, currency: str = "usd") -> str:
    """`$180`, or `$180.50` where there are cents; a sum that is taken off has a minus (`−$50`)."""
    locale = _locale()
    pattern = locale.currency_formats["standard"].pattern
    if cents % 100 == 0:
        pattern = pattern.replace(".00", "")
    amount = Decimal(cents) / 100
    text = format_currency(amount, currency.upper(), pattern, locale, currency_digits=False)
    # A hyphen before a figure is shorter than a digit, may end a line, and is read as a dash.
    return _plain(text).replace("-", "\N{MINUS SIGN}")


def duration(minutes: int) -> str:
    """`40 minutes`."""
    return str(ngettext("%(num)d minute", "%(num)d minutes", minutes))


@lru_cache(maxsize=1024)
def phone(number: str) -> str:
    """A number as people of its country write it; what cannot be read stays as it was given."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    home = parsed.country_code == 1
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if home else form.INTERNATIONAL)


def dial(number: str) -> str:
    """The same number for a `tel:` link: digits and a leading plus."""
    return "".join(sign for sign in number if sign in "+0123456789")


def role_word(role: Role) -> str:
    """A role in words."""
    words: dict[Role, str] = {
        Role.ADMIN: _("manager"),
        Role.FRONT_DESK: _("front desk"),
        Role.CLINICIAN: _("clinician"),
        Role.GAIT_LAB: _("gait lab"),
        Role.AUDITOR: _("auditor"),
    }
    return words[role]


def spoken(language: str | None) -> Markup:
    """The attributes of an element whose words are in this language: its `lang`, and `dir` where
    it is written from the right. Nothing where none is named: then it is that of the page."""
    if not language:
        return Markup("")
    mark = Markup(' lang="{}"').format(language)
    return mark + Markup(' dir="rtl"') if _runs_from_right(language) else mark


@lru_cache(maxsize=64)
def _runs_from_right(language: str) -> bool:
    try:
        return bool(Locale.parse(language, sep="-").text_direction == "rtl")
    except (ValueError, UnknownLocaleError):
        return False


def _locale() -> Locale:
    return get_locale() or Locale("en", "US")


# A day's words are asked for again and again, by a calendar as by a thousand reminders.
@lru_cache(maxsize=16)
def _short_pattern(locale: Locale) -> str:
    return str(locale.datetime_skeletons["MMMEd"].pattern)


@lru_cache(maxsize=16)
def _long_pattern(locale: Locale) -> str:
    known = locale.datetime_skeletons
    # Not every language has a pattern of its own for the long month.
    pattern = str(known["MMMMEd" if "MMMMEd" in known else "MMMEd"].pattern)
    return re.sub("M+", "MMMM", re.sub("E+", "EEEE", pattern))


def _formed(pattern: str, day: dt.date) -> str:
    return _dated(pattern, day, _locale())


@lru_cache(maxsize=2048)
def _dated(pattern: str, day: dt.date, locale: Locale) -> str:
    return _plain(format_date(day, pattern, locale=locale))


def _clock(time: dt.time) -> str:
    return _timed(time, _locale())


@lru_cache(maxsize=2048)
def _timed(time: dt.time, locale: Locale) -> str:
    return _plain(format_time(time, format="short", locale=locale))


def _plain(text: str) -> str:
    """Ordinary spaces: the narrow ones of newer language data do not survive copying."""
    return text.replace("\u202f", " ").replace("\xa0", " ")
