"""The languages that a form can be filled in in."""

from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from flask_babel import get_locale

from clinic.intake.queries.responses import AssignedForm


@dataclass(frozen=True, slots=True)
class LanguageView:
    """A language by its own name; ``code`` is BCP 47."""

    code: str
    name: str
    is_chosen: bool


def present_languages(assigned: AssignedForm) -> tuple[LanguageView, ...]:
    """The choice, nothing where there is none."""
    found = assigned.languages
    if len(found) < 2:
        return ()
    chosen = assigned.language or found[0]
    return tuple(LanguageView(one, _name(one), one == chosen) for one in found)


def foreign(language: str) -> str:
    """The form's language where the page around it is in another one, for `lang`; else ""."""
    here = str(get_locale() or "en").partition("_")[0]
    return "" if not language or language.partition("-")[0] == here else language


def _name(code: str) -> str:
    try:
        found = Locale.parse(code, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        return code
    return found[:1].upper() + found[1:] if found else code
