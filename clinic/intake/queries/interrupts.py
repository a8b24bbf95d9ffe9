"""What must be shown before a patient goes on with a form."""

from clinic.intake.queries.safety.stories import list_interrupts


def find_interrupt(*, response: str) -> str | None:
    """The path of a page that this response's answers call for and nobody has read yet."""
    waiting = list_interrupts(response=response)
    return f"/intake/stop/{response}" if waiting else None
