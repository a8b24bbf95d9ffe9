"""The page of a booking at the desk, ready to print."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from clinic.desk.presenters.asking import BookAsk
from clinic.desk.presenters.referral import present_counter
from clinic.desk.presenters.rows import short_person
from clinic.desk.presenters.why import why_lines
from clinic.desk.queries.booking import Caller, Refused
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.asking import Query, Slot
from clinic.scheduling.rules.direct_access import Counter
from clinic.scheduling.rules.offers import query_zone
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.states import STATES
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.filters import full_date, local_date, local_time, phone


@dataclass(frozen=True, slots=True)
class TimeView:
    """A free time as a button."""

    value: str
    label: str
    with_whom: str


@dataclass(frozen=True, slots=True)
class RefusalView:
    """A time that cannot be had: why, what is free instead, and whether staff may insist."""

    title: str
    lines: tuple[str, ...]
    times: tuple[TimeView, ...]
    slot: str
    can_insist: bool
    needs_reason: bool


@dataclass(frozen=True, slots=True)
class BookView:
    """Whom, what, and the next free times."""

    name: str
    about: str
    coming: tuple[str, ...]
    hidden: dict[str, str]
    filters: tuple[FieldView, ...]
    since: str
    best: TimeView | None
    times: tuple[TimeView, ...]
    refusal: RefusalView | None
    warning: str
    date: str
    time: str
    wait_href: str


@dataclass(frozen=True, slots=True)
class BookedView:
    """The visit that was just booked, and what usually follows."""

    text: str
    day_href: str
    next_href: str
    family_href: str


def present_booking(
    *,
    caller: Caller,
    ask: BookAsk,
    setting: Setting,
    slots: tuple[Slot, ...],
    best: Slot | None,
    refusal: RefusalView | None = None,
    counter: Counter | None = None,
    typed: tuple[str, str] = ("", ""),
) -> BookView:
    """The page; ``typed`` are the date and time of the form for one certain time."""
    one = caller.patient
    contact = phone(one.phone) if one.phone else one.email or _("no phone, no e-mail")
    kept = ask.fields()
    return BookView(
        name=f"{one.given_name} {one.family_name}",
        about=_("born %(date)s, %(contact)s", date=full_date(one.birth_date), contact=contact),
        coming=tuple(_coming(visit) for visit in caller.coming),
        hidden=kept,
        filters=_filters(ask, setting),
        since=ask.since.isoformat(),
        best=time_view(best, setting) if best else None,
        times=tuple(time_view(slot, setting) for slot in slots if slot != best),
        refusal=refusal,
        warning=_warning(counter),
        date=typed[0] or ask.since.isoformat(),
        time=typed[1],
        wait_href=f"/desk/waitlist/new?patient={one.public_id}&service={ask.service.slug}"
        + (f"&state={ask.state}" if ask.state else ""),
    )


def _warning(counter: Counter | None) -> str:
    """What to say before the next visit is booked, where a referral is over or nearly so."""
    view = present_counter(counter)
    return view.text if view and view.look else ""


def present_refusal(
    *,
    refused: Refused,
    query: Query,
    start: int,
    alternatives: tuple[Slot, ...],
    patient: str,
    needs_reason: bool = False,
) -> RefusalView:
    """Why the start cannot be had; ``query`` names with whom and where it was asked for."""
    zone = query_zone(query=query)
    lines = why_lines(refused=refused, query=query, start=start, zone=zone, patient=patient)
    return RefusalView(
        title=_("%(moment)s cannot be had", moment=moment_words(instant(start), zone)),
        lines=lines,
        times=tuple(time_view(one, query.setting) for one in alternatives),
        slot=f"{start}|{query.practitioner or ''}|{query.location or ''}",
        can_insist=refused.is_overridable,
        needs_reason=needs_reason,
    )


def time_view(slot: Slot, setting: Setting) -> TimeView:
    """`Tue, Mar 3, 9:00 AM` with whom, and at which place where there are several."""
    zone = setting.locations[slot.location].zone
    who = short_person(setting.practitioners[slot.practitioner].name)
    places = {one.name for one in setting.locations.values()}
    where = f", {setting.locations[slot.location].name}" if len(places) > 1 else ""
    return TimeView(
        f"{slot.start}|{slot.practitioner}|{slot.location}",
        moment_words(instant(slot.start), zone),
        f"{who}{where}",
    )


def moment_words(at: datetime, zone: str) -> str:
    """`Tue, Mar 3, 9:00 AM`."""
    return f"{local_date(at, zone=zone)}, {local_time(at, zone=zone)}"


def present_booked(*, visit: Visit, day_href: str) -> BookedView:
    """What the desk says right after a booking."""
    who = short_person(visit.practitioner_name)
    text = _(
        "%(name)s is booked: %(moment)s, %(service)s with %(who)s. Reference %(reference)s.",
        name=f"{visit.given_name} {visit.family_name}",
        moment=moment_words(visit.starts_at, visit.zone),
        service=visit.service_name,
        who=who,
        reference=visit.reference,
    )
    return BookedView(
        str(text),
        day_href,
        f"/desk/book?patient={visit.patient}&after={visit.public_id}",
        f"/desk/book?after={visit.public_id}",
    )


def _coming(visit: Visit) -> str:
    who = short_person(visit.practitioner_name)
    return f"{moment_words(visit.starts_at, visit.zone)}, {visit.service_name}, {who}"


def _filters(ask: BookAsk, setting: Setting) -> tuple[FieldView, ...]:
    people = [
        (one.slug, one.name)
        for one in setting.practitioners.values()
        if ask.service.slug in one.services
    ]
    services = [(one.slug, one.name) for one in setting.services.values()]
    found = [
        _select("service", _("Service"), services, ask.service.slug),
        _select("practitioner", _("With"), [("", _("Anybody")), *people], ask.practitioner or ""),
    ]
    if ask.service.is_telehealth:
        states = list(STATES.items())
        found.append(_select("state", _("Patient is in"), states, ask.state or ""))
    return tuple(found)


def _select(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> FieldView:
    choices = tuple(
        ChoiceView(f"{name}-{number}", value, words, value == chosen)
        for number, (value, words) in enumerate(options)
    )
    return FieldView(id=name, name=name, label=label, choices=choices)
