"""What a manager typed into the page on which a form's texts, order and options are changed."""

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from clinic.intake.rules.editing import (
    Edited,
    ItemChange,
    OptionChange,
    asked_after,
    has_editable_options,
    left_alone,
)
from clinic.intake.rules.form import DISPLAY, GROUP, Form, Item
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


def read_edit(*, form: Form, items: Iterable[Item], values: "MultiDict[str, str]") -> Edited:
    """Read the page; what it did not show stays. What would leave other questions without their
    condition is wrong, in words of the form."""
    kept = {name: printable(text) for name, text in values.items()}
    edited = Edited()
    for item in items:
        name = f"text-{item.order}"
        if name in kept:
            edited.changes[item.link_id] = change = _read_item(item, kept, edited)
            if change.options is not None and not change.is_left_out:
                _check_options(form, item, change, edited.wrong)
    for link_id, texts in left_alone(form=form, changes=edited.changes).items():
        words = _("Asked only after this: %(questions)s. Leave that out too, or keep this.")
        edited.wrong[f"drop-{form.by_link[link_id].order}"] = words % {
            "questions": "; ".join(texts)
        }
    return edited


def _check_options(form: Form, item: Item, change: ItemChange, wrong: dict[str, str]) -> None:
    gone = [one.number for one in change.options or () if not one.text]
    if len(gone) == len(item.options) and not change.added:
        wrong[f"option-{item.order}-0"] = _("Keep an option, or leave the question out")
        return
    needed = asked_after(form=form, item=item) if gone else {}
    for number in gone:
        if number in needed:
            words = _("“%(question)s” is asked only after this answer", question=needed[number])
            wrong[f"option-{item.order}-{number}"] = words


def _read_item(item: Item, values: Mapping[str, str], edited: Edited) -> ItemChange:
    name, wrong = f"text-{item.order}", edited.wrong
    text = values[name].replace("\r\n", "\n").strip()
    is_left_out = f"drop-{item.order}" in values
    if not text and item.text and not is_left_out:
        wrong[name] = _("Write the text, or leave the question out")
    elif len(text) > LONGEST_TEXT:
        wrong[name] = _("Use at most %(most)s characters", most=LONGEST_TEXT)
    options = _read_options(item, values, edited) if has_editable_options(item) else None
    return ItemChange(
        text=text,
        position=_number(f"at-{item.order}", values, edited),
        is_required=f"need-{item.order}" in values and item.type not in {GROUP, DISPLAY},
        is_left_out=is_left_out,
        options=options,
        added=_added(item, values, wrong) if options is not None else (),
    )


def _read_options(
    item: Item, values: Mapping[str, str], edited: Edited
) -> tuple[OptionChange, ...]:
    found = []
    for number in range(len(item.options)):
        name = f"option-{item.order}-{number}"
        if name not in values:
            continue
        text = " ".join(values[name].split())
        if len(text) > LONGEST_OPTION:
            edited.wrong[name] = _("Use at most %(most)s characters", most=LONGEST_OPTION)
        at = _number(f"option-at-{item.order}-{number}", values, edited)
        found.append(OptionChange(number, text, at))
    return tuple(found)


def _added(item: Item, values: Mapping[str, str], wrong: dict[str, str]) -> tuple[str, ...]:
    name = f"more-{item.order}"
    lines = [" ".join(line.split()) for line in values.get(name, "").splitlines()]
    found = tuple(line for line in lines if line)
    if len(found) > MOST_ADDED or any(len(line) > LONGEST_OPTION for line in found):
        wrong[name] = _("Add fewer or shorter options")
    return found


def _number(name: str, values: Mapping[str, str], edited: Edited) -> int:
    plain = values.get(name, "").strip()
    if plain.isascii() and plain.isdecimal() and len(plain) < 5:
        return int(plain)
    if plain:
        edited.wrong[name] = _("Write a number; 1 stands first")
        edited.places[name] = plain[:20]
    return 9_999
