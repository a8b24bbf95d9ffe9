"""An entry of the waitlist as its patient sees it, ready to print."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.scheduling.presenters.times import (
    long_lines,
    moment_words,
    own_lines,
    visit_clock,
)
from clinic.scheduling.presenters.visits import TicketView
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.queries.waitlist import OfferedSlot, WaitingEntry
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.waitlist import OPEN, EntryStatus, OfferStatus, Window
from clinic.web.filters import duration, full_date, local_full_date, local_stamp, short_clock

Lines = str | tuple[str, ...]
WHOLE_DAY = 1440


@dataclass(frozen=True, slots=True)
class OfferView:
    """The time that is held; ``value`` names it, ``until`` says until when it is kept."""

    value: str
    ticket: TicketView
    until: str
    until_stamp: str
    beside: str


@dataclass(frozen=True, slots=True)
class WaitView:
    """The page of an entry. ``told`` says what became of the time that was offered last."""

    title: str
    lead: str
    status: str
    service: str
    pairs: tuple[tuple[str, Lines], ...]
    offer: OfferView | None
    told: tuple[str, str] | None
    can_leave: bool
    book_href: str
    again_href: str


def present_entry(
    *,
    entry: WaitingEntry,
    last: OfferedSlot | None,
    later: Visit | None,
    zone: str,
    now: datetime,
) -> WaitView:
    """The page; ``last`` is what was offered last, ``later`` another visit that stands after it.

    ``zone`` is the clinic's. A time whose hold has run out is not offered any more, though the
    round that takes it back may not have come by.
    """
    if entry.offer and not entry.offer.is_open(now):
        last = replace(entry.offer, status=OfferStatus.LAPSED)
        entry = replace(entry, status=EntryStatus.WAITING, offer=None)
    is_open = entry.status in OPEN
    patient = (str(_("Patient")), f"{entry.given_name} {entry.family_name}")
    query = f"?state={entry.state}" if entry.state else ""
    return WaitView(
        title=_title(entry),
        lead=_lead(entry),
        status=entry.stands,
        service=entry.service_name,
        pairs=(
            patient,
            *wish_pairs(entry),
            (_("Since"), local_full_date(entry.joined_at, zone=zone)),
        ),
        offer=_offer(entry, later) if entry.offer else None,
        told=_told(last) if last and entry.status is EntryStatus.WAITING else None,
        can_leave=is_open,
        book_href=f"/book/{entry.service}{query}" if entry.is_online else "/book",
        again_href=f"/book/{entry.service}/waitlist{query}" if entry.is_online else "",
    )


def offer_over_words(entry: WaitingEntry, *, now: datetime) -> tuple[str, str]:
    """What to say to who takes or declines a time that is no longer theirs, while they wait on."""
    if entry.offer is not None and entry.offer.is_open(now):
        rest = _("Nothing was changed. Another time is held for you now: it stands below.")
    else:
        rest = _(
            "Nothing was changed. You are still on the waitlist: we write again when another time "
            "opens."
        )
    return str(_("We no longer hold that time.")), str(rest)


def wish_pairs(entry: WaitingEntry) -> tuple[tuple[str, Lines], ...]:
    """What is waited for."""
    found: list[tuple[str, Lines]] = [
        (_("For"), f"{entry.service_name}, {duration(entry.minutes)}"),
        (_("With"), entry.practitioner_name or str(_("Whoever is free first"))),
    ]
    if entry.modality == "telehealth":
        state = STATES.get(entry.state or "", "")
        found.append((_("Where"), str(_("By video, in %(state)s", state=state))))
    elif entry.location_name:
        found.append((_("Where"), entry.location_name))
    found.append((_("Dates"), dates_words(entry.from_date, entry.to_date)))
    found.append((_("Times"), f"{days_words(entry.days)}, {windows_words(entry.windows)}"))
    return tuple((str(name), value) for name, value in found)


def length_words(minutes: int) -> str:
    """`2 hours`, or `90 minutes` where they are no whole hours."""
    hours, rest = divmod(minutes, 60)
    if rest or not hours:
        return duration(minutes)
    return str(ngettext("%(num)d hour", "%(num)d hours", hours))


def dates_words(begins: date, ends: date) -> str:
    """`March 3, 2026 to March 31, 2026`."""
    if begins == ends:
        return full_date(begins)
    return str(_("%(begins)s to %(ends)s", begins=full_date(begins), ends=full_date(ends)))


def days_words(days: frozenset[int]) -> str:
    """`Mondays, Thursdays`, or that any day will do."""
    names = (
        _("Mondays"),
        _("Tuesdays"),
        _("Wednesdays"),
        _("Thursdays"),
        _("Fridays"),
        _("Saturdays"),
        _("Sundays"),
    )
    return ", ".join(str(names[day]) for day in sorted(days)) or str(_("any day"))


def windows_words(windows: tuple[Window, ...]) -> str:
    """`until 12 PM`, or that any time of day will do."""
    return str(_(" or ")).join(_window(one) for one in windows) or str(_("any time of day"))


def _window(one: Window) -> str:
    if one.starts == 0:
        return str(_("until %(time)s", time=short_clock(one.ends)))
    begins = short_clock(one.starts)
    if one.ends == WHOLE_DAY:
        return str(_("after %(time)s", time=begins))
    return str(_("%(begins)s to %(ends)s", begins=begins, ends=short_clock(one.ends)))


def _title(entry: WaitingEntry) -> str:
    titles = {
        EntryStatus.WAITING: _("You are on the waitlist"),
        EntryStatus.OFFERED: _("A time is free for you"),
        EntryStatus.BOOKED: _("Booked from the waitlist"),
        EntryStatus.EXPIRED: _("Your wait is over"),
        EntryStatus.WITHDRAWN: _("You left the waitlist"),
    }
    return str(titles[entry.status])


def _lead(entry: WaitingEntry) -> str:
    if entry.status is EntryStatus.BOOKED and entry.visit_status == "cancelled":
        return str(_("The visit that was booked was cancelled since. You can wait for another."))
    leads = {
        EntryStatus.WAITING: _(
            "As soon as a time opens that suits you, we hold it for you and write to you."
        ),
        EntryStatus.OFFERED: _("We hold it for you. Take it with one press, or let it go."),
        EntryStatus.BOOKED: _("You have a time. Your visit has a page of its own."),
        EntryStatus.EXPIRED: _(
            "No time of the days you named was taken, so nothing is held for you any more."
        ),
        EntryStatus.WITHDRAWN: _("Nothing is held for you and nobody writes to you about it."),
    }
    return str(leads[entry.status])


def _offer(entry: WaitingEntry, later: Visit | None) -> OfferView | None:
    offer = entry.offer
    if offer is None:
        return None
    is_video = entry.modality == "telehealth"
    own = own_lines(offer.starts_at, zone=offer.zone, own=entry.patient_zone, state=entry.state)
    pairs: list[tuple[str, Lines]] = [(_("Your time"), own)] if is_video and own else []
    pairs += [
        (_("With"), offer.practitioner_name),
        (_("For"), f"{entry.service_name}, {duration(entry.minutes)}"),
        (_("Where"), _place(entry, offer)),
    ]
    return OfferView(
        value=offer.public_id,
        ticket=TicketView(
            lines=long_lines(offer.starts_at, zone=offer.zone),
            short=(),
            stamp=local_stamp(offer.starts_at, zone=offer.zone),
            note=visit_clock(offer.zone, is_video=is_video and not own),
            pairs=tuple((str(name), value) for name, value in pairs),
        ),
        until=moment_words(offer.expires_at, zone=offer.zone),
        until_stamp=local_stamp(offer.expires_at, zone=offer.zone),
        beside=_beside(later),
    )


def _beside(later: Visit | None) -> str:
    if later is None:
        return ""
    moment = moment_words(later.starts_at, zone=later.zone)
    return str(
        _(
            "You also have a visit of this kind on %(moment)s. It stays as it is: cancel it if "
            "you no longer need it.",
            moment=moment,
        )
    )


def _place(entry: WaitingEntry, offer: OfferedSlot) -> Lines:
    if entry.modality == "telehealth":
        return str(_("By video, in %(state)s", state=STATES.get(entry.state or "", "")))
    return (offer.location_name, *offer.address.splitlines())


def _told(last: OfferedSlot) -> tuple[str, str] | None:
    """What became of the time that was offered last, for whoever opens an old message."""
    moment = moment_words(last.starts_at, zone=last.zone)
    until = moment_words(last.expires_at, zone=last.zone)
    words = {
        OfferStatus.DECLINED: _("You let %(moment)s go.", moment=moment),
        OfferStatus.LAPSED: _(
            "We held %(moment)s for you until %(until)s.", moment=moment, until=until
        ),
        OfferStatus.WITHDRAWN: _("%(moment)s is no longer free.", moment=moment),
    }
    text = words.get(last.status)
    rest = _("You are still on the waitlist: we write again when another time opens.")
    return (str(text), str(rest)) if text else None
