"""What must be shown before a patient goes on with a form."""


def find_interrupt(*, response: str) -> str | None:
    """The path of a page that this response's answers call for and nobody has read yet."""
    del response
    return None
