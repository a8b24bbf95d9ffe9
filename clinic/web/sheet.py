"""The page of all components, for those who build: /_components, never in production."""

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _

from clinic.web.access import public
from clinic.web.date_field import PartView
from clinic.web.fields import ChoiceView, ErrorView, FieldView

blueprint = Blueprint("sheet", __name__)


@blueprint.get("/_components")
@public
def components() -> Response:
    """Every macro in every state."""
    return make_response(
        render_template(
            "sheet/components.html",
            fields=_fields(),
            sample_errors=(ErrorView("phone", _("Enter a phone number with area code")),),
        )
    )


def _fields() -> dict[str, FieldView]:
    return {
        "name": FieldView("given", "given", "Given name", hint="As on your ID.", value="Jordan"),
        "phone": FieldView(
            "phone",
            "phone",
            "Mobile phone",
            error="Enter a phone number with area code",
            value="555",
            type="tel",
        ),
        "note": FieldView("note", "note", "What helps?", type="textarea", is_optional=True),
        "who": FieldView("who", "who", "Practitioner", choices=_choices("who")),
        "side": FieldView("side", "side", "Which side?", choices=_choices("side")),
        "agree": FieldView("agree", "agree", "I have read this", type="checkbox", value="y"),
        "born": FieldView(
            "born",
            "born",
            "Date of birth",
            error="The year must have four digits, for example 1984",
            parts=tuple(_part(name) for name in ("month", "day", "year")),
        ),
    }


def _choices(name: str) -> tuple[ChoiceView, ...]:
    words = ("Left", "Right", "Sometimes left, sometimes right")
    return tuple(
        ChoiceView(f"{name}-{n}", str(n), text, is_chosen=n == 1) for n, text in enumerate(words)
    )


def _part(name: str) -> PartView:
    is_year = name == "year"
    attributes = {"id": f"born-{name}", "name": f"born-{name}", "inputmode": "numeric"}
    attributes |= {"aria-invalid": "true"} if is_year else {}
    return PartView(f"born-{name}", name.title(), "84" if is_year else "7", is_year, attributes)
