"""A form's words in another language, by FHIR's translation extension; else as they are.

Source: http://hl7.org/fhir/R4/extension-translation.html. Each text falls back by itself, so that
a page can mark with `lang` what is not translated.
"""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from clinic.intake.rules.form import Form, Item, Option

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
DEFAULT = "en"
"""What a form without a `language` is taken to be written in."""
DANGER_IS_TOLD_IN = frozenset({"en"})
"""The languages that the pages about danger are written in: a form that can call for such a page
is offered in no other."""


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


def spoken(*, form: Form) -> str:
    """The language that a form is written in."""
    own = form.raw.get("language")
    return own if isinstance(own, str) and own else DEFAULT


def languages_of(*, form: Form, asked_by_rules: Iterable[str]) -> tuple[str, ...]:
    """The languages that a form can be filled in in: its own, then those it has every word of."""
    own = spoken(form=form)
    found = {own: None}
    for language in sorted(_named(form)):
        if not untranslated(form=form, language=language):
            found.setdefault(language)
    if _is_about_danger(form, set(asked_by_rules)):
        return (own, *(one for one in found if one != own and one in DANGER_IS_TOLD_IN))
    return tuple(found)


def in_language(*, form: Form, language: str) -> dict[str, Any]:
    """The definition with its words in a language; what has none there stays as it is."""
    raw: dict[str, Any] = copy.deepcopy(dict(form.raw))
    raw["language"] = language
    raw["title"] = _words(raw.get("_title"), str(raw.get("title", "")), form, language).text
    for item in _items(raw):
        if "text" in item:
            item["text"] = _words(item.get("_text"), item["text"], form, language).text
        for option in item.get("answerOption") or ():
            coding = option.get("valueCoding")
            if isinstance(coding, dict) and "display" in coding:
                words = _words(coding.get("_display"), coding["display"], form, language)
                coding["display"] = words.text
    return raw


def _items(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in holder.get("item") or ():
        yield item
        yield from _items(item)


def _named(form: Form) -> set[str]:
    """Every language that any text is translated into."""
    found: set[str] = set()
    for item in form.items:
        displays = [one.value.raw for one in item.options if isinstance(one.value.raw, dict)]
        for beside in (item.raw.get("_text"), *(one.get("_display") for one in displays)):
            listed = beside.get("extension") if isinstance(beside, dict) else None
            for extension in listed if isinstance(listed, list) else ():
                language = _parts(extension).get("lang")
                if isinstance(language, str) and 2 <= len(language) <= 10:
                    found.add(language)
    return found


def _is_about_danger(form: Form, asked: set[str]) -> bool:
    return any(
        item.link_id in asked
        or any(f"code:{one.get('code')}" in asked for one in item.raw.get("code") or ())
        for item in form.items
    )


def _words(beside: Any, text: str, form: Form, language: str) -> Words:
    own = form.raw.get("language")
    written = own if isinstance(own, str) else None
    if language == written or (written is None and language == DEFAULT):
        return Words(text, written or DEFAULT)
    extensions = beside.get("extension") if isinstance(beside, dict) else None
    for extension in extensions if isinstance(extensions, list) else ():
        parts = _parts(extension)
        if parts.get("lang") == language and isinstance(parts.get("content"), str):
            return Words(str(parts["content"]), language)
    return Words(text, written)


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
