"""Filling the templates of messages.

A page is rendered once in a while, mails by the thousand. So what Flask and its translations look
up for every template and every sentence (processors, the application, the language) is looked up
once for a message; what the templates say is the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app
from flask_babel import get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup


def printer(values: Mapping[str, object]) -> Callable[[str], str]:
    """Renders templates by name, all with these values and in the language spoken now."""
    house = current_app.jinja_env
    told = {**house.globals, **values, **_words(get_translations())}

    def rendered(name: str) -> str:
        template = house.get_template(name)
        place = house.context_class(house, told, template.name, template.blocks)
        return house.concat(template.root_render_func(place))

    return rendered


def _words(translations: Any) -> dict[str, Callable[..., str]]:
    """The functions that templates call to speak, tied to one language."""

    @pass_eval_context
    def one(place: EvalContext, words: str, /, **values: object) -> str:
        return _said(place, translations.ugettext(words), values)

    @pass_eval_context
    def several(place: EvalContext, one: str, many: str, num: int, /, **values: object) -> str:
        return _said(place, translations.ungettext(one, many, num), {"num": num, **values})

    return {"_": one, "gettext": one, "ngettext": several}


def _said(place: EvalContext, words: str, values: Mapping[str, object]) -> str:
    return (Markup(words) if place.autoescape else words) % values  # noqa: S704 - our own words
