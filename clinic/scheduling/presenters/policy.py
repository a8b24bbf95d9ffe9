"""What holds when plans change, in words."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.scheduling.presenters.times import moment_words
from clinic.scheduling.rules.setting import Policy


def policy_words(*, starts_at: datetime, zone: str, policy: Policy, now: datetime) -> str:
    """Until when a visit may be moved or cancelled, and what it means afterwards."""
    hours = policy.cancellation_notice_hours
    if not hours:
        return str(_("Please move or cancel before the visit begins."))
    until = starts_at - timedelta(hours=hours)
    before = _before(hours)
    if until <= now:
        return str(
            _(
                "The visit is less than %(before)s away. If you cannot come, please tell us: "
                "it counts as a late cancellation, and somebody else may be glad of the time.",
                before=before,
            )
        )
    return str(
        _(
            "Please move or cancel until %(moment)s, %(before)s before the visit. "
            "After that it counts as a late cancellation.",
            moment=moment_words(until, zone=zone),
            before=before,
        )
    )


def late_words(*, starts_at: datetime, policy: Policy, now: datetime) -> str:
    """That cancelling now is late; "" when it is in time."""
    hours = policy.cancellation_notice_hours
    if starts_at - now >= timedelta(hours=hours):
        return ""
    return str(
        _(
            "The visit is less than %(before)s away, so this counts as a late cancellation.",
            before=_before(hours),
        )
    )


def _before(hours: int) -> str:
    return str(ngettext("%(num)d hour", "%(num)d hours", hours))
