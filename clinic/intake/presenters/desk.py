"""How a patient's forms stand, as the desk sees it: never an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.intake.queries.questionnaires import ActiveForm
from clinic.intake.queries.status import FormStatus
from clinic.people.models import Patient
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.filters import local_date


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One form: its state as icon and word; ``take_back`` is where it is asked for no more."""

    title: str
    icon: str
    word: str
    look: str
    when: str
    take_back: str


@dataclass(frozen=True, slots=True)
class DeskForms:
    """The desk's page of one patient's forms. ``code`` is shown once, ``refused`` says why not.

    ``can_send``: a form waits, so that a link to it makes sense; ``is_sent``: it has just gone out.
    """

    name: str
    path: str
    lines: tuple[StatusLine, ...]
    asking: FieldView | None
    code: str
    refused: str
    can_send: bool
    is_sent: bool


def present_desk_forms(
    *,
    patient: Patient,
    status: Sequence[FormStatus],
    known: Sequence[ActiveForm],
    zone: str,
    code: str,
    refused: str,
    is_sent: bool,
) -> DeskForms:
    """The page, with the forms that may still be asked for."""
    path = f"/desk/patients/{patient.public_id}/forms"
    is_open = {one.slug for one in status if one.status != "done"}
    free = [one for one in known if one.slug not in is_open]
    asking = FieldView(
        id="slug",
        name="slug",
        label=str(_("Form")),
        choices=tuple(
            ChoiceView(f"slug-{number}", one.slug, one.title, is_chosen=False)
            for number, one in enumerate(free)
        ),
    )
    return DeskForms(
        name=f"{patient.given_name} {patient.family_name}",
        path=path,
        lines=tuple(_line(one, path, zone) for one in status),
        asking=asking if free else None,
        code=code,
        refused=refused,
        can_send=bool(is_open),
        is_sent=is_sent,
    )


def _line(one: FormStatus, path: str, zone: str) -> StatusLine:
    icon, word, look = {
        "done": ("done", _("Sent"), ""),
        "begun": ("form", _("Begun"), "w"),
        "to-do": ("circle", _("Not begun"), "w"),
    }[one.status]
    when = ""
    if one.done_at is not None:
        when = str(_("on %(day)s", day=local_date(one.done_at, zone=zone)))
    elif one.due_at is not None:
        when = str(_("for the visit on %(day)s", day=local_date(one.due_at, zone=zone)))
    take_back = f"{path}/{one.assignment}/take-back" if one.status == "to-do" else ""
    return StatusLine(one.title, icon, str(word), look, when, take_back)
