"""The waitlist at the desk: who waits, and one entry with its free times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from flask_babel import gettext as _

from clinic.core.values import SYSTEM
from clinic.scheduling.presenters.times import moment_words, slot_words
from clinic.scheduling.presenters.waitlist import (
    Lines,
    days_words,
    windows_words,
    wish_pairs,
)
from clinic.scheduling.queries.request_times import FreeTimes
from clinic.scheduling.queries.waitlist import (
    EntryPage,
    EntryStep,
    OfferedSlot,
    WaitingEntry,
    WaitlistCounts,
)
from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.waitlist import OPEN, EntryStatus, OfferStatus
from clinic.scheduling.rules.waitlist_queue import Show, queue_query
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.filters import full_date, local_stamp, phone, short_date

QUEUE = "/desk/waitlist"


@dataclass(frozen=True, slots=True)
class TabView:
    """A part of the list."""

    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One entry; ``until`` is how long a time is held for it."""

    id: str
    href: str
    name: str
    service: str
    suits: str
    who: str
    status: str
    until: str
    since: str
    stamp: str


@dataclass(frozen=True, slots=True)
class DoneView:
    """What was just done, with where one may go on."""

    text: str
    href: str
    again_href: str
    restore_path: str


@dataclass(frozen=True, slots=True)
class QueueView:
    """The list as it is looked at."""

    tabs: tuple[TabView, ...]
    show: str
    service: FieldView
    rows: tuple[RowView, ...]
    more: str
    empty_title: str
    empty_reason: str
    done: DoneView | None


@dataclass(frozen=True, slots=True)
class TimeView:
    """A free time as a button."""

    value: str
    label: str
    with_whom: str


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A time that was offered, and what became of it."""

    moment: str
    about: str


@dataclass(frozen=True, slots=True)
class DeskEntryView:
    """One entry at the desk; ``offer`` is the public id of the time that is held for it."""

    path: str
    patient_path: str
    name: str
    status: str
    pairs: tuple[tuple[str, Lines], ...]
    phone: str
    dial: str
    is_open: bool
    offer: str
    held: str
    held_until: str
    visit_path: str
    visit_words: str
    fitting: tuple[TimeView, ...]
    others: tuple[TimeView, ...]
    offers: tuple[OfferLine, ...]
    story: tuple[tuple[str, str], ...]
    again_href: str
    restore_path: str


def present_waitlist(
    *,
    page: EntryPage,
    counts: WaitlistCounts,
    show: Show,
    service: str | None,
    more: str,
    setting: Setting,
    done: WaitingEntry | None,
    can_restore: bool,
) -> QueueView:
    """The list with its tabs; ``done`` is the entry that a step was just taken with.

    ``can_restore``: staff took it off, so it has its place still.
    """
    titles = {
        Show.WAITING: _("Nobody waits for a time"),
        Show.OFFERED: _("No time is offered to anybody now"),
        Show.CLOSED: _("No wait is over yet"),
    }
    return QueueView(
        tabs=_tabs(counts, show, service),
        show=show.value,
        service=_services(setting, service),
        rows=tuple(_row(one, setting.zone) for one in page.entries),
        more=more,
        empty_title=str(titles[show]),
        empty_reason=str(
            _("Patients join where no time suits them, and the desk from “Book by phone”.")
        ),
        done=_done(done, can_restore=can_restore) if done else None,
    )


def present_desk_entry(
    *,
    entry: WaitingEntry,
    times: FreeTimes | None,
    offers: Sequence[OfferedSlot],
    steps: Sequence[EntryStep],
    number: str | None,
    setting: Setting,
    can_restore: bool,
) -> DeskEntryView:
    """One entry; ``number`` is the patient's phone."""
    held = entry.offer
    return DeskEntryView(
        path=f"{QUEUE}/{entry.public_id}",
        patient_path=f"/desk/patients/{entry.patient}",
        name=f"{entry.given_name} {entry.family_name}",
        status=entry.stands,
        pairs=(*wish_pairs(entry), (str(_("Born")), full_date(entry.birth_date))),
        phone=phone(number) if number else "",
        dial=number or "",
        is_open=entry.status in OPEN,
        offer=held.public_id if held else "",
        held=_held(held) if held else "",
        held_until=moment_words(held.expires_at, zone=held.zone) if held else "",
        visit_path=f"/desk/visits/{entry.visit}" if entry.visit else "",
        visit_words=str(_("Open the visit")),
        fitting=tuple(_time(slot, setting) for slot in times.fitting) if times else (),
        others=tuple(_time(slot, setting) for slot in times.others) if times else (),
        offers=tuple(_line(one) for one in offers if one.status is not OfferStatus.OPEN),
        story=tuple(_step(one, setting.zone) for one in steps),
        again_href=again_href(entry),
        restore_path=f"{QUEUE}/{entry.public_id}/restore" if can_restore else "",
    )


def again_href(entry: WaitingEntry) -> str:
    """Where the same is waited for once more."""
    return f"{QUEUE}/new?patient={entry.patient}&like={entry.public_id}"


def _tabs(counts: WaitlistCounts, show: Show, service: str | None) -> tuple[TabView, ...]:
    texts = {
        Show.WAITING: _("Waiting, %(num)d", num=counts.waiting),
        Show.OFFERED: _("A time is offered, %(num)d", num=counts.offered),
        Show.CLOSED: _("Closed"),
    }
    return tuple(
        TabView(str(text), f"{QUEUE}{queue_query(one, service)}", one is show)
        for one, text in texts.items()
    )


def _services(setting: Setting, chosen: str | None) -> FieldView:
    named = [("", str(_("Every service")))]
    named += [(one.slug, one.name) for one in setting.services.values()]
    choices = tuple(
        ChoiceView(f"service-{number}", slug, name, slug == (chosen or ""))
        for number, (slug, name) in enumerate(named)
    )
    return FieldView("service", "service", str(_("Service")), choices=choices)


def _row(one: WaitingEntry, zone: str) -> RowView:
    suits = (
        _dates(one),
        days_words(one.days),
        windows_words(one.windows),
    )
    until = ""
    if one.offer is not None:
        until = str(
            _(
                "%(moment)s, held until %(until)s",
                moment=moment_words(one.offer.starts_at, zone=one.offer.zone),
                until=moment_words(one.offer.expires_at, zone=one.offer.zone),
            )
        )
    return RowView(
        id=f"w-{one.public_id}",
        href=f"{QUEUE}/{one.public_id}",
        name=f"{one.given_name} {one.family_name}",
        service=one.service_name,
        suits=", ".join(suits),
        who=(one.practitioner_name or str(_("Anybody"))).partition(",")[0],
        status=one.stands,
        until=until,
        since=moment_words(one.joined_at, zone=zone),
        stamp=local_stamp(one.joined_at, zone=zone),
    )


def _dates(one: WaitingEntry) -> str:
    begins, ends = short_date(one.from_date), short_date(one.to_date)
    return begins if begins == ends else str(_("%(begins)s to %(ends)s", begins=begins, ends=ends))


def _done(one: WaitingEntry, *, can_restore: bool) -> DoneView:
    words = {
        EntryStatus.WAITING: _("on the waitlist"),
        EntryStatus.OFFERED: _("a time is offered"),
        EntryStatus.BOOKED: _("booked"),
        EntryStatus.WITHDRAWN: _("taken off the waitlist"),
        EntryStatus.EXPIRED: _("the wait is over"),
    }
    is_gone = one.status is EntryStatus.WITHDRAWN
    return DoneView(
        text=f"{one.given_name} {one.family_name}: {words[one.status]}.",
        href=f"{QUEUE}/{one.public_id}",
        again_href=again_href(one) if is_gone and not can_restore else "",
        restore_path=f"{QUEUE}/{one.public_id}/restore" if can_restore else "",
    )


def _held(offer: OfferedSlot) -> str:
    who = offer.practitioner_name.partition(",")[0]
    moment = moment_words(offer.starts_at, zone=offer.zone)
    return str(_("%(moment)s with %(who)s", moment=moment, who=who))


def _time(slot: Slot, setting: Setting) -> TimeView:
    place = setting.locations[slot.location]
    who = [setting.practitioners[slot.practitioner].name]
    who += [place.name] if len(setting.locations) > 1 else []
    value = f"{slot.start}|{slot.practitioner}|{slot.location}"
    return TimeView(value, slot_words(slot, place.zone), ", ".join(who))


def _line(one: OfferedSlot) -> OfferLine:
    words = {
        OfferStatus.TAKEN: _("taken"),
        OfferStatus.DECLINED: _("let go by the patient"),
        OfferStatus.LAPSED: _("not answered in time"),
        OfferStatus.WITHDRAWN: _("taken back"),
        OfferStatus.OPEN: _("held"),
    }
    return OfferLine(moment_words(one.starts_at, zone=one.zone), str(words[one.status]))


def _step(one: EntryStep, zone: str) -> tuple[str, str]:
    words = {
        "joined": _("Joined"),
        "offered": _("A time was offered"),
        "lapsed": _("Nobody answered"),
        "declined": _("Let the time go"),
        "retracted": _("The time was taken back"),
        "booked": _("Booked"),
        "withdrawn": _("Left the waitlist"),
        "restored": _("Put back on, at the old place"),
        "expired": _("The wait ended"),
    }
    text = str(words.get(one.step, one.step))
    if one.by and one.by != SYSTEM.name:
        text = str(_("%(what)s by %(who)s", what=text, who=one.by))
    return text, moment_words(one.at.astimezone(UTC), zone=zone)
