"""What somebody typed, as a page may show it again."""

KEPT = frozenset("\t\n\r")


def printable(text: str) -> str:
    """The text without the control characters that no page may hold; all else as it was typed."""
    if text.isprintable():  # as almost everything that people type
        return text
    return "".join(sign for sign in text if sign in KEPT or not _is_control(sign))


def _is_control(sign: str) -> bool:
    return sign < " " or "\x7f" <= sign <= "\x9f" or "\ud800" <= sign <= "\udfff"
