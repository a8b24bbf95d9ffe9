"""What the clinic declines to do with a form."""

from collections.abc import Sequence

from clinic.core.errors import Refusal
from clinic.intake.rules.faults import Fault


class FormClosed(Refusal):
    """The form was handed in, or is no longer asked for."""

    code = "form-closed"
    message = "This form was sent already, or the clinic no longer needs it."


class ChangedElsewhere(Refusal):
    """Somebody changed the answers since they were shown; look again before sending."""

    code = "changed-elsewhere"
    message = (
        "The answers were changed on another device just now. Nothing is lost. Look at them again"
        " before you send the form."
    )


class SafetyOutdated(Refusal):
    """The safety questions were answered more than 14 days ago; they are asked again first."""

    code = "safety-outdated"
    message = (
        "It is more than two weeks since you answered the safety questions. Answer them again."
    )


class IntakeIncomplete(Refusal):
    """What is missing or wrong; ``faults`` name the questions in the form's order."""

    code = "intake-incomplete"
    status = 422
    message = "Some questions still need an answer."

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = tuple(faults)


class TooMuchText(Refusal):
    """More was typed than a form holds."""

    code = "too-much-text"
    status = 422
    message = "That is more text than this form can hold. Make some of your answers shorter."
