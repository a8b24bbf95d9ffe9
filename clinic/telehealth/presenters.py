"""A video visit's page in words: too early, waiting, late, open, over, gone."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location, get_timezone_name
from flask_babel import get_locale
from flask_babel import gettext as _

from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.state_zones import clocks_of
from clinic.telehealth.queries.rooms import Room
from clinic.telehealth.rules.rooms import Stage, stage_of
from clinic.web.filters import local_time, long_date


@dataclass(frozen=True, slots=True)
class RoomView:
    """The page; ``mark`` is what its script compares, ``meeting`` where the visit takes place."""

    title: str
    lead: str
    times: tuple[str, ...]
    stage: str
    mark: str
    is_waiting: bool
    meeting: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a room stands at a moment; ``is_here``: the patient said where they are, and waits.

    ``meeting`` is the way in while it is open to them, else "". ``mark`` is what changes when the
    page has something new to say.
    """

    stage: Stage
    opens_at: datetime
    is_here: bool
    meeting: str
    mark: str


def standing_of(*, room: Room, setting: Setting, now: datetime) -> Standing:
    """The standing that the patient's page, a guest's page and what they compare agree on."""
    times = room.times(setting.policy.join_opens_minutes)
    stage = stage_of(status=room.status, times=times, now=now)
    is_here = room.located_at is not None and stage is Stage.OPEN
    meeting = room.meeting(setting.policy.meeting_address) if is_here else ""
    late = room.late_until.isoformat() if room.late_until else ""
    way_in = "open" if meeting else ""
    mark = f"{stage}|{room.starts_at.isoformat()}|{late}|{way_in}|{room.practitioner}"
    return Standing(stage, times.opens_at, is_here, meeting, mark)


def present_room(*, visit: Visit, room: Room, setting: Setting, now: datetime) -> RoomView:
    """The page as it stands now."""
    stands = standing_of(room=room, setting=setting, now=now)
    title, lead = _words(room, stands, own_zone(visit))
    return RoomView(
        title=title,
        lead=lead,
        times=_times(visit),
        stage=stands.stage.value,
        mark=stands.mark,
        is_waiting=stands.is_here,
        meeting=stands.meeting,
    )


def present_guest_room(*, room: Room, setting: Setting, now: datetime) -> RoomView:
    """The page of a guest: when, and what they wait for; nothing of the patient, by our clock."""
    stands, zone = standing_of(room=room, setting=setting, now=now), setting.zone
    if stands.stage is Stage.OPEN and not stands.is_here:
        title, lead = _guest_words()
    else:
        title, lead = _words(room, stands, zone)
    if stands.stage is Stage.CANCELLED:
        lead = str(_("It was cancelled. Nobody waits for you."))
    return RoomView(
        title=title,
        lead=lead,
        times=(f"{moment_words(room.starts_at, zone=zone)}, {zone_words(zone)}",),
        stage=stands.stage.value,
        mark=stands.mark,
        is_waiting=stands.stage is Stage.OPEN,
        meeting=stands.meeting,
    )


def _guest_words() -> tuple[str, str]:
    return (
        str(_("You are in the waiting room.")),
        str(_("The patient is not there yet. The way in appears on this page; leave it open.")),
    )


def own_zone(visit: Visit) -> str:
    """The patient's own clock, or the first of the state that they said they would be in."""
    return visit.patient_zone or next(iter(clocks_of(visit.patient_state)), visit.zone)


def _words(room: Room, stands: Standing, zone: str) -> tuple[str, str]:
    stage = stands.stage
    if stage is Stage.CANCELLED:
        return (
            str(_("This visit will not take place.")),
            str(_("It was cancelled. Nobody waits for you; choose another time, or call us.")),
        )
    if stage is Stage.OVER:
        return str(_("This visit is over.")), str(_("If something is left to say, call us."))
    if stage is Stage.EARLY:
        when = moment_words(stands.opens_at, zone=zone)
        return (
            str(_("You are early.")),
            str(_("This page opens at %(when)s. Leave it open, or come back then.", when=when)),
        )
    return _open_words(room, stands.meeting, zone)


def _open_words(room: Room, meeting: str, zone: str) -> tuple[str, str]:
    if room.located_at is None:
        return (
            str(_("Where are you now?")),
            str(_("We have to ask on the day: the law looks at where you are during the visit.")),
        )
    if room.late_until is not None:
        when = local_time(room.late_until, zone=zone)
        return (
            str(_("Your clinician is late.")),
            str(_("We are sorry. We expect to begin at %(when)s. Please stay here.", when=when)),
        )
    if meeting:
        return (
            str(_("Your visit can begin.")),
            str(_("Open the meeting. Your clinician comes there.")),
        )
    return (
        str(_("You are in the waiting room.")),
        str(_("We know that you are here. The way in appears on this page; please leave it open.")),
    )


def _times(visit: Visit) -> tuple[str, ...]:
    own = own_zone(visit)
    told = [moment_words(visit.starts_at, zone=own) + f", {zone_words(own)}"]
    if _offset(visit.starts_at, own) != _offset(visit.starts_at, visit.zone):
        when = f"{moment_words(visit.starts_at, zone=visit.zone)}, {zone_words(visit.zone)}"
        told.append(str(_("Clinic time: %(when)s", when=when)))
    return tuple(told)


def moment_words(at: datetime, *, zone: str) -> str:
    """`Tuesday, November 24, 9:20 AM`."""
    return f"{long_date(at.astimezone(ZoneInfo(zone)).date())}, {local_time(at, zone=zone)}"


def zone_words(zone: str) -> str:
    """`New York (Eastern Time)`."""
    locale = str(get_locale() or "en_US")
    city = get_timezone_location(zone, locale=locale, return_city=True)
    name = get_timezone_name(zone, width="long", zone_variant="generic", locale=locale)
    return f"{city} ({name})"


def _offset(at: datetime, zone: str) -> object:
    return at.astimezone(ZoneInfo(zone)).utcoffset()
