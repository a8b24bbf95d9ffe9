"""Referrals and how many visits are left, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.scheduling.queries.referrals import ReferralSeen
from clinic.scheduling.rules.direct_access import Counter
from clinic.web.filters import full_date


@dataclass(frozen=True, slots=True)
class CounterView:
    """How many visits are left, with the look of a mark: "" | "w" | "d"."""

    text: str
    icon: str
    look: str


@dataclass(frozen=True, slots=True)
class ReferralView:
    """A referral in one line, and where it is taken back."""

    name: str
    more: str
    remove: str


def present_counter(counter: Counter | None) -> CounterView | None:
    """`3 visits left, until March 30, 2026, by the referral`; None where nothing counts."""
    if counter is None:
        return None
    by = _("by the referral") if counter.by_referral else _("without a referral")
    parts = (
        []
        if counter.left is None
        else [ngettext("%(num)d visit left", "%(num)d visits left", counter.left)]
    )
    if counter.until is not None:
        parts.append(str(_("until %(day)s", day=full_date(counter.until))))
    if not parts:
        parts.append(str(_("Any number of visits")))
    text = ", ".join([*parts, str(by)])
    if counter.is_over:
        words = _("A referral is needed: %(how)s", how=text)
        return CounterView(str(words), "warning", "d")
    if counter.is_nearly:
        return CounterView(text, "warning", "w")
    return CounterView(text, "check", "")


def present_referrals(found: Sequence[ReferralSeen], *, path: str) -> tuple[ReferralView, ...]:
    """The list, the latest first."""
    return tuple(
        ReferralView(one.referrer, _more(one), f"{path}/referrals/{one.public_id}/remove")
        for one in found
    )


def _more(one: ReferralSeen) -> str:
    begins = full_date(one.begins)
    parts = [
        str(_("%(begins)s to %(ends)s", begins=begins, ends=full_date(one.ends)))
        if one.ends
        else str(_("from %(begins)s", begins=begins))
    ]
    if one.visits:
        parts.append(ngettext("%(num)d visit", "%(num)d visits", one.visits))
    return ", ".join(parts)
