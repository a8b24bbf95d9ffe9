"""A held time and a booked visit, ready to print."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from clinic.scheduling.presenters.coming import ComingView, present_coming
from clinic.scheduling.presenters.policy import late_words, policy_words
from clinic.scheduling.presenters.services import price_words
from clinic.scheduling.presenters.times import (
    clock_words,
    long_lines,
    own_clock_words,
    short_lines,
    visit_clock,
)
from clinic.scheduling.queries.holds import HeldTime
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.holds import may_extend
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.state_zones import clocks_of
from clinic.scheduling.rules.states import STATES
from clinic.web.filters import duration, local_stamp

Lines = str | tuple[str, ...]
GONE = frozenset({"cancelled", "noshow", "fulfilled"})


@dataclass(frozen=True, slots=True)
class TicketView:
    """A moment in large lines with its facts."""

    lines: tuple[str, ...]
    short: tuple[str, ...]
    stamp: str
    note: str
    pairs: tuple[tuple[str, Lines], ...]


@dataclass(frozen=True, slots=True)
class HoldView:
    """A held time; ``until`` is the end of the hold on the clinic's clock.

    ``until_stamp`` and ``now_stamp`` are that end and the present moment for machines: who counts
    down needs no right clock.
    """

    service: str
    ticket: TicketView
    until: str
    until_stamp: str
    now_stamp: str
    minutes: str
    is_live: bool
    can_extend: bool
    policy: str


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit on its own page, with what can be done to it there.

    ``again`` are the words and the address of another time, where this one is gone; of a visit
    ``is_over`` that took place, or was to, somebody may still want another.
    """

    service: str
    given_name: str
    status: str
    is_confirmed: bool
    state_line: str
    with_whom: str
    ticket: TicketView
    policy: str
    late: str
    coming: ComingView
    can_confirm: bool
    can_change: bool
    can_join: bool
    is_over: bool
    again: tuple[str, str] | None


def present_hold(*, held: HeldTime, setting: Setting, currency: str, now: datetime) -> HoldView:
    """A time that is, or was, held for this visitor."""
    minutes = setting.policy.hold_minutes
    service = setting.services.get(held.service)
    is_video = service is not None and service.is_telehealth
    location = setting.locations.get(held.location)
    who = setting.practitioners.get(held.practitioner)
    pairs = _pairs(
        practitioner=who.name if who else held.practitioner,
        service=service.name if service else held.service,
        minutes=(held.ends_at - held.starts_at) // timedelta(minutes=1),
        place=_place(
            is_video=is_video,
            state=held.state,
            lines=(location.name, location.address) if location else (),
            is_only_one=len(setting.locations) == 1,
        ),
        price=price_words(service.price_cents, currency) if service else "",
    )
    return HoldView(
        service=service.name if service else held.service,
        ticket=_ticket(held.starts_at, held.zone, pairs, is_video=is_video),
        until=clock_words(held.expires_at, zone=held.zone),
        until_stamp=held.expires_at.isoformat(),
        now_stamp=now.isoformat(),
        minutes=duration(minutes),
        is_live=held.is_live(now),
        can_extend=held.is_live(now)
        and may_extend(
            created_at=held.created_at, expires_at=held.expires_at, minutes=minutes, now=now
        ),
        policy=policy_words(
            starts_at=held.starts_at, zone=held.zone, policy=setting.policy, now=now
        ),
    )


def present_visit(*, visit: Visit, setting: Setting, currency: str, now: datetime) -> VisitView:
    """A visit as its patient sees it."""
    is_video = visit.modality == "telehealth"
    pairs = _pairs(
        practitioner=visit.practitioner_name,
        service=visit.service_name,
        minutes=visit.minutes,
        place=_place(
            is_video=is_video,
            state=visit.patient_state,
            lines=(visit.location_name, visit.address),
            is_only_one=len(setting.locations) == 1,
        ),
        price=price_words(visit.price_cents, currency),
    )
    reference = (_("Reference"), visit.reference)
    is_ahead = visit.status == "booked" and visit.starts_at > now
    return VisitView(
        service=visit.service_name,
        given_name=visit.given_name,
        status=visit.status,
        is_confirmed=visit.is_confirmed,
        state_line=_state_line(visit, now),
        with_whom=visit.practitioner_name,
        ticket=_ticket(
            visit.starts_at,
            visit.zone,
            (*_own_time(visit), *pairs, reference),
            is_video=is_video and not _own_time(visit),
        ),
        can_join=is_video and visit.status not in GONE,
        is_over=is_over(visit, now),
        again=_again(visit, setting, now),
        policy=policy_words(
            starts_at=visit.starts_at, zone=visit.zone, policy=setting.policy, now=now
        ),
        late=late_words(starts_at=visit.starts_at, policy=setting.policy, now=now)
        if is_ahead
        else "",
        coming=present_coming(visit=visit, setting=setting),
        can_confirm=is_ahead and not visit.is_confirmed,
        can_change=is_ahead,
    )


def is_over(visit: Visit, now: datetime) -> bool:
    """Whether nothing of the visit is still to come, unless it was cancelled."""
    is_past = visit.status in {"noshow", "fulfilled"} or visit.ends_at <= now
    return is_past and visit.status != "cancelled"


def _again(visit: Visit, setting: Setting, now: datetime) -> tuple[str, str] | None:
    """Another time of the same kind; of all kinds where this one is booked online no more."""
    if visit.status != "cancelled" and not is_over(visit, now):
        return None
    service = setting.services.get(visit.service)
    href = f"/book/{visit.service}" if service is not None and service.online else "/book"
    is_missed = visit.status in {"cancelled", "noshow"}
    return (str(_("Book another time") if is_missed else _("Book another visit")), href)


def _own_time(visit: Visit) -> tuple[tuple[str, Lines], ...]:
    """By the patient's own clock, for a video visit."""
    if visit.modality != "telehealth":
        return ()
    zones = (visit.patient_zone,) if visit.patient_zone else clocks_of(visit.patient_state)
    told = [own_clock_words(visit.starts_at, zone=visit.zone, own=zone) for zone in zones]
    lines = tuple(dict.fromkeys(words for words in told if words))
    return ((_("Your time"), lines),) if lines else ()


def _ticket(
    starts_at: datetime, zone: str, pairs: tuple[tuple[str, Lines], ...], *, is_video: bool
) -> TicketView:
    return TicketView(
        lines=long_lines(starts_at, zone=zone),
        short=short_lines(starts_at, zone=zone),
        stamp=local_stamp(starts_at, zone=zone),
        note=visit_clock(zone, is_video=is_video),
        pairs=pairs,
    )


def _pairs(
    *, practitioner: str, service: str, minutes: int, place: tuple[str, ...], price: str
) -> tuple[tuple[str, Lines], ...]:
    pairs: list[tuple[str, Lines]] = [
        (_("With"), practitioner),
        (_("For"), service),
        (_("Lasts"), duration(minutes)),
        (_("Where"), place),
    ]
    if price:
        pairs.append((_("Price"), price))
    return tuple(pairs)


def _place(
    *, is_video: bool, state: str | None, lines: tuple[str, ...], is_only_one: bool
) -> tuple[str, ...]:
    if is_video:
        where = STATES.get(state or "", "")
        here = (str(_("You will be in %(state)s", state=where)),) if where else ()
        return (str(_("By video")), *here)
    name, *address = lines or ("",)
    every = [line for text in address for line in text.splitlines()]
    return tuple(every) if is_only_one and every else (name, *every)


def _state_line(visit: Visit, now: datetime) -> str:
    if visit.status == "cancelled":
        return str(_("This visit was cancelled."))
    if visit.status == "noshow":
        return str(_("We missed you at this visit."))
    if is_over(visit, now):
        return str(_("This visit is over."))
    if visit.status in {"arrived", "checked-in"}:
        return str(_("You are here. We will be with you soon."))
    return ""
