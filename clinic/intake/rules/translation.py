"""A form's words in another language, by FHIR's translation extension; else as they are.

Source: http://hl7.org/fhir/R4/extension-translation.html. Each text falls back by itself, so that
a page can mark with `lang` what is not translated.
"""

from dataclasses import dataclass
from typing import Any

from clinic.intake.rules.form import Form, Item, Option

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


@dataclass(frozen=True, slots=True)
class Words:
    """A text and the language it is in; None where the form does not say."""

    text: str
    language: str | None


def item_words(*, form: Form, item: Item, language: str) -> Words:
    """The item's text in a language (BCP 47, such as "es"), or as the form has it."""
    return _words(item.raw.get("_text"), item.text, form, language)


def option_words(*, form: Form, option: Option, language: str) -> Words:
    """An option's text in a language, or as the form has it."""
    raw = option.value.raw
    beside = raw.get("_display") if isinstance(raw, dict) else None
    return _words(beside, option.display, form, language)


def untranslated(*, form: Form, language: str) -> tuple[str, ...]:
    """The linkIds of items with a text or an option that the language does not have."""
    found = []
    for item in form.items:
        words = [item_words(form=form, item=item, language=language)] if item.text else []
        words += [option_words(form=form, option=o, language=language) for o in item.options]
        if any(one.language != language for one in words):
            found.append(item.link_id)
    return tuple(found)


def _words(beside: Any, text: str, form: Form, language: str) -> Words:
    own = form.raw.get("language")
    spoken = own if isinstance(own, str) else None
    if spoken == language:
        return Words(text, spoken)
    extensions = beside.get("extension") if isinstance(beside, dict) else None
    for extension in extensions if isinstance(extensions, list) else ():
        parts = _parts(extension)
        if parts.get("lang") == language and isinstance(parts.get("content"), str):
            return Words(str(parts["content"]), language)
    return Words(text, spoken)


def _parts(extension: Any) -> dict[str, Any]:
    """The nested values of one translation extension by their url."""
    if not isinstance(extension, dict) or extension.get("url") != TRANSLATION:
        return {}
    nested = extension.get("extension")
    return {
        str(part.get("url")): value
        for part in (nested if isinstance(nested, list) else ())
        if isinstance(part, dict)
        for key, value in part.items()
        if key.startswith("value")
    }
