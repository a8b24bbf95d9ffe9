"""What a visit costs its patient. Pure; cents."""

UNCHARGED = frozenset({"cancelled", "noshow"})


def cost_of(*, status: str, agreed_cents: int | None, charged_cents: int | None) -> int:
    """What staff said is due; else the price of when it was booked; nothing for no visit.

    A visit from before prices were kept costs nothing here until somebody says otherwise.
    """
    if charged_cents is not None:
        return charged_cents
    if status in UNCHARGED:
        return 0
    return agreed_cents or 0
