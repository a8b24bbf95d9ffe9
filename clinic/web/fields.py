"""From form fields to macros: what a template needs of a field, ready to print.

Macros take a WTForms field or a `FieldView`; `field_view` makes the one from the other, so that
templates neither query a form's insides nor decide anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from wtforms import BooleanField, Field, Form, PasswordField, RadioField
from wtforms.fields.choices import SelectFieldBase

from clinic.web.date_field import BirthDateField, PartView
from clinic.web.typed import printable

PASSED_ON = (
    *("autocomplete", "inputmode", "maxlength", "autocapitalize", "spellcheck", "autofocus"),
    *("min", "max", "dir"),
)


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One option of a select or a group of radio buttons."""

    id: str
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FieldView:
    """A control with its words. `attributes` go into the tag; `value` is what was typed."""

    id: str
    name: str
    label: str
    hint: str = ""
    error: str = ""
    value: str = ""
    is_optional: bool = False
    type: str = "text"
    choices: tuple[ChoiceView, ...] = ()
    parts: tuple[PartView, ...] = ()
    extra: Mapping[str, Any] | None = None

    @property
    def described_by(self) -> str:
        """Ids of the hint and the error, in the order they are read out."""
        ids = (self.hint and f"{self.id}-hint", self.error and f"{self.id}-error")
        return " ".join(part for part in ids if part)

    @property
    def attributes(self) -> dict[str, Any]:
        """Attributes of the control itself; None leaves one out."""
        is_typed = not self.choices and self.type not in {"textarea", "checkbox"}
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type if is_typed else None,
            "aria-describedby": self.described_by or None,
            "aria-invalid": "true" if self.error else None,
            **(self.extra or {}),
        }


@dataclass(frozen=True, slots=True)
class ErrorView:
    """A line of the error summary; without an anchor it is not a link."""

    anchor: str
    text: str


def init_fields(app: Flask) -> None:
    """Give templates `field_view` and the filter `error_list`."""
    app.add_template_global(field_view)
    app.add_template_filter(error_list)


def field_view(field: Field | FieldView) -> FieldView:
    """What macros print of a field; a FieldView is returned as it is."""
    if isinstance(field, FieldView):
        return field
    return FieldView(
        id=field.id,
        name=field.name,
        label=str(field.label.text),
        hint=str(field.description or ""),
        error=_first_error(field),
        value=_typed(field),
        is_optional=field.flags.optional is True,
        type=str(getattr(field.widget, "input_type", "textarea")),
        choices=_choices(field),
        parts=field.part_views() if isinstance(field, BirthDateField) else (),
        extra={name: kept for name in PASSED_ON if (kept := (field.render_kw or {}).get(name))},
    )


def error_list(form: Form) -> tuple[ErrorView, ...]:
    """The form's faults in the order of its fields, each leading to the control to mend."""
    found = [
        ErrorView(_anchor(field), _first_error(field))
        for field in form
        if field.errors and field.name != "csrf_token"
    ]
    return (*found, *(ErrorView("", str(text)) for text in form.form_errors))


def _first_error(field: Field) -> str:
    return str(field.errors[0]) if field.errors else ""


def _anchor(field: Field) -> str:
    if isinstance(field, BirthDateField):
        return field.first_faulty_id()
    # A select is one control; radio buttons are many, and the first one leads into the group.
    return f"{field.id}-0" if isinstance(field, RadioField) else str(field.id)


def _typed(field: Field) -> str:
    if isinstance(field, PasswordField | SelectFieldBase | BirthDateField):
        return ""  # a password is never sent back; choices and parts carry their own
    if isinstance(field, BooleanField):
        return "y" if field.data else ""
    raw = field.raw_data
    if raw:
        return printable(str(raw[0]))
    return "" if field.data is None else str(field.data)


def _choices(field: Field) -> tuple[ChoiceView, ...]:
    if not isinstance(field, SelectFieldBase):
        return ()
    return tuple(
        ChoiceView(
            id=f"{field.id}-{number}",
            value=str(choice.value),
            label=str(choice.value if choice.label is None else choice.label),
            is_chosen=bool(choice.selected),
        )
        for number, choice in enumerate(field.iter_choices())
    )
