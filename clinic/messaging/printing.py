"""Filling the templates of messages.

A page is rendered once in a while, mails by the thousand. So what Flask and its translations look
up for every template and every sentence (processors, the application, the language) is looked up
once for a language; what the templates say is the same.
"""

from collections.abc import Callable, Mapping
from types import MethodType
from typing import Any

from babel import Locale
from flask import current_app
from flask_babel import force_locale, get_translations
from jinja2 import Environment
from jinja2.runtime import Context
from markupsafe import Markup

_EXTENSION = "clinic.messaging.printing"


def printer(values: Mapping[str, object], language: Locale) -> Callable[[str], str]:
    """Renders templates by name, all with these values and in this language."""
    houses = _houses(language)

    def rendered(name: str) -> str:
        house = houses[name.endswith(".html")]
        template = house.get_template(name)
        told = {**house.globals, **values}
        place = house.context_class(house, told, template.name, template.blocks)
        return house.concat(template.root_render_func(place))

    return rendered


def _houses(language: Locale) -> tuple[Environment, Environment]:
    """Where templates of plain text and of HTML live in a language."""
    built: dict[Locale, tuple[Environment, Environment]]
    built = current_app.extensions.setdefault(_EXTENSION, {})
    found = built.get(language)
    if found is None:
        with force_locale(language):
            words = get_translations()
        found = built[language] = (
            _house(language, _Words(words, str)),
            _house(language, _Words(words, Markup)),
        )
    return found


def _house(language: Locale, words: "_Words") -> Environment:
    """The application's templates, with a store of their own that speaks one language."""
    house = current_app.jinja_env.overlay()
    tag = str(language).replace("_", "-")
    said = {"_": words.one, "gettext": words.one, "ngettext": words.several}
    house.globals = {**house.globals, "page_language": lambda: tag, **said}
    house.context_class = _Place
    return house


class _Place(Context):
    """Where a template looks names up; our own sentences take nothing that it would add."""

    def call(self, asked: Any, /, *values: Any, **named: Any) -> Any:
        """What a template calls."""
        if type(asked) is MethodType and type(asked.__self__) is _Words:
            return asked(*values, **named)
        return super().call(asked, *values, **named)


class _Words:
    """The functions that templates call to speak, in one language; ``kind`` escapes, or not."""

    def __init__(self, translations: Any, kind: Callable[[str], str]) -> None:
        self._translations, self._kind = translations, kind
        self._known: dict[str, str] = {}

    def one(self, words: str, /, **values: object) -> str:
        """A sentence."""
        said = self._known.get(words)
        if said is None:
            said = self._known[words] = self._kind(self._translations.ugettext(words))
        return said % values

    def several(self, one: str, many: str, num: int, /, **values: object) -> str:
        """A sentence about so many."""
        said = self._kind(self._translations.ungettext(one, many, num))
        return said % {"num": num, **values}
