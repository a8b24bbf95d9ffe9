"""What a manager typed into the page on which a form's texts, order and options are changed."""

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from clinic.intake.rules.editing import Edited, ItemChange, OptionChange, has_editable_options
from clinic.intake.rules.form import DISPLAY, GROUP, Item
from clinic.web.posted import PostedForm
from clinic.web.typed import printable

LONGEST_TEXT = 4_000
LONGEST_OPTION = 300
MOST_ADDED = 40


class CopyForm(PostedForm):
    """What a copy is called, and why it is made."""

    version = StringField(
        _l("New version"),
        validators=[
            InputRequired(_l("Give the changed form a version of its own")),
            Length(max=64, message=_l("Use at most 64 characters")),
        ],
    )
    reason = StringField(
        _l("Why it is changed"),
        validators=[
            InputRequired(_l("Say why the form changes")),
            Length(max=500, message=_l("Use at most 500 characters")),
        ],
    )


def read_edit(*, items: Iterable[Item], values: "MultiDict[str, str]") -> Edited:
    """Read the page; what it did not show stays."""
    kept = {name: printable(text) for name, text in values.items()}
    edited = Edited()
    for item in items:
        name = f"text-{item.order}"
        if name in kept:
            edited.changes[item.link_id] = _read_item(item, kept, edited.wrong)
    return edited


def _read_item(item: Item, values: Mapping[str, str], wrong: dict[str, str]) -> ItemChange:
    name = f"text-{item.order}"
    text = values[name].replace("\r\n", "\n").strip()
    is_left_out = f"drop-{item.order}" in values
    if not text and item.text and not is_left_out:
        wrong[name] = _("Write the text, or leave the question out")
    elif len(text) > LONGEST_TEXT:
        wrong[name] = _("Use at most %(most)s characters", most=LONGEST_TEXT)
    options = _read_options(item, values, wrong) if has_editable_options(item) else None
    return ItemChange(
        text=text,
        position=_number(values.get(f"at-{item.order}", "")),
        is_required=f"need-{item.order}" in values and item.type not in {GROUP, DISPLAY},
        is_left_out=is_left_out,
        options=options,
        added=_added(item, values, wrong) if options is not None else (),
    )


def _read_options(
    item: Item, values: Mapping[str, str], wrong: dict[str, str]
) -> tuple[OptionChange, ...]:
    found = []
    for number in range(len(item.options)):
        name = f"option-{item.order}-{number}"
        if name not in values:
            continue
        text = " ".join(values[name].split())
        if len(text) > LONGEST_OPTION:
            wrong[name] = _("Use at most %(most)s characters", most=LONGEST_OPTION)
        at = _number(values.get(f"option-at-{item.order}-{number}", ""))
        found.append(OptionChange(number, text, at))
    return tuple(found)


def _added(item: Item, values: Mapping[str, str], wrong: dict[str, str]) -> tuple[str, ...]:
    name = f"more-{item.order}"
    lines = [" ".join(line.split()) for line in values.get(name, "").splitlines()]
    found = tuple(line for line in lines if line)
    if len(found) > MOST_ADDED or any(len(line) > LONGEST_OPTION for line in found):
        wrong[name] = _("Add fewer or shorter options")
    return found


def _number(text: str) -> int:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 5 else 9_999
