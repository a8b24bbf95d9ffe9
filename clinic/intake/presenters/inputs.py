"""The inputs of single questions, ready to print."""

from flask_babel import gettext as _

from clinic.intake.presenters.known_answers import typing_help
from clinic.intake.rules.controls import Control, scale_of
from clinic.intake.rules.form import Item
from clinic.intake.rules.typed import units_of
from clinic.web.date_field import PartView, part_order
from clinic.web.fields import ChoiceView, FieldView


def attributes_of(item: Item, control: Control, *, is_own_device: bool) -> dict[str, object]:
    """What the control tells the browser of what may be typed."""
    found: dict[str, object] = {}
    if control is Control.LINE:
        found = typing_help(item, is_own_device=is_own_device)
    if control in {Control.NUMBER, Control.QUANTITY}:
        whole = item.type == "integer"
        found = {"inputmode": "numeric" if whole else "decimal", "autocomplete": "off"}
    if item.max_length is not None and control in {Control.LINE, Control.AREA}:
        found["maxlength"] = item.max_length
    return found


def plain_choices(view: FieldView, item: Item, control: Control) -> tuple[ChoiceView, ...]:
    """Yes and no, or the numbers of a scale; what may stay open can be opened again."""
    if control is Control.YES_NO:
        values = [("yes", str(_("Yes"))), ("no", str(_("No")))]
    else:
        values = [(str(number), str(number)) for number in scale_of(item)]
    if view.value and not item.required:
        values.append(("", str(_("No answer")) if control is Control.YES_NO else "–"))
    return tuple(
        ChoiceView(f"{view.id}-{number}" if number else view.id, value, text, value == view.value)
        for number, (value, text) in enumerate(values)
    )


def other_input(view: FieldView, typed: dict[str, list[str]]) -> FieldView:
    """The text of one's own beside the options."""
    return FieldView(
        id=f"{view.id}-other",
        name=f"{view.name}-other",
        label=str(_("What else?")),
        value=next(iter(typed.get("-other", ())), ""),
    )


def time_input(view: FieldView, typed: dict[str, list[str]]) -> FieldView:
    """The time of day beside a date."""
    return FieldView(
        id=f"{view.id}-time",
        name=f"{view.name}-time",
        label=str(_("Time")),
        value=next(iter(typed.get("-time", ())), ""),
    )


def date_inputs(
    view: FieldView, typed: dict[str, list[str]], wrong: tuple[str, ...]
) -> tuple[PartView, ...]:
    """The three inputs in the reader's order; the first has the id that errors lead to."""
    labels = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
    order = part_order()
    return tuple(
        PartView(
            id=view.id if part == order[0] else f"{view.id}-{part}",
            label=str(labels[part]),
            value=next(iter(typed.get(f"-{part}", ())), ""),
            is_year=part == "year",
            attributes={
                "id": view.id if part == order[0] else f"{view.id}-{part}",
                "name": f"{view.name}-{part}",
                "inputmode": "numeric",
                "autocomplete": "off",
                "aria-invalid": "true" if part in wrong else None,
            },
        )
        for part in order
    )


def unit_inputs(
    view: FieldView, item: Item, typed: dict[str, list[str]]
) -> tuple[str, FieldView | None]:
    """The one unit as a word, or a choice where there are several."""
    units = [str(unit.get("display") or unit.get("code") or "") for unit in units_of(item)]
    if len(units) < 2:
        return (units[0] if units else ""), None
    chosen = next(iter(typed.get("-unit", ())), "0")
    choices = tuple(
        ChoiceView(f"{view.id}-unit-{number}", str(number), text, str(number) == chosen)
        for number, text in enumerate(units)
    )
    return "", FieldView(
        id=f"{view.id}-unit", name=f"{view.name}-unit", label=str(_("Unit")), choices=choices
    )
