"""Where whoever buys a visit by video will be: a clinician needs a licence for that state."""

from flask_babel import gettext as _

from clinic.scheduling.rules.states import STATES
from clinic.web.fields import ChoiceView, FieldView


def state_field(*, chosen: str | None = None, error: str = "", is_desk: bool = False) -> FieldView:
    """The states to choose from, asked of the patient or of the desk."""
    options = [("", _("Choose a state")), *STATES.items()]
    return FieldView(
        "state",
        "state",
        _("In which state will the patient be?")
        if is_desk
        else _("Where will you be during the video visit?"),
        hint=_("A clinician needs a licence for the state in which the patient is then.")
        if is_desk
        else _("A clinician needs a licence for the state in which you are then."),
        error=error,
        choices=tuple(
            ChoiceView(f"state-{code}", code, str(name), is_chosen=code == (chosen or ""))
            for code, name in options
        ),
    )


def state_name(code: str | None) -> str:
    """A state in words, "" without one."""
    return STATES.get(code or "", "")


def uncovered_words(code: str) -> str:
    """Why a state that was chosen is of no use."""
    return str(_("We may not see patients in %(state)s by video.", state=state_name(code)))
