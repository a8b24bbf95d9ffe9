"""One visit request at the desk: what was asked, what stands beside it, what can be done."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from clinic.intake.queries.screening import ToldBefore
from clinic.scheduling.presenters.request_facts import request_facts
from clinic.scheduling.presenters.request_queue import QUEUE, MarkView, due_mark, urgency_words
from clinic.scheduling.presenters.request_words import advice_words, step_words
from clinic.scheduling.presenters.times import moment_words, slot_words
from clinic.scheduling.presenters.visits import Lines
from clinic.scheduling.queries.request_parts import OfferedTime, Opinion
from clinic.scheduling.queries.request_times import FreeTimes
from clinic.scheduling.queries.requests import RequestedVisit, RequestStep
from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.requests import OPEN, Modality, RequestStatus, Urgency
from clinic.scheduling.rules.setting import Setting
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.filters import local_time, phone


@dataclass(frozen=True, slots=True)
class TimeView:
    """A free time as a button, and as a box to offer it."""

    value: str
    label: str
    with_whom: str
    is_held: bool = False
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class OfferView:
    """A time that is held for the patient."""

    time: TimeView
    service: str
    held: str


@dataclass(frozen=True, slots=True)
class OpinionView:
    """What a clinician was asked and has said; without ``answer`` it is still open."""

    question: tuple[str, ...]
    asked: str
    answer: tuple[str, ...]
    advice: str
    given: str


@dataclass(frozen=True, slots=True)
class ScreeningView:
    """The answers about safety that came before the request: when, and question by question."""

    at: str
    pairs: tuple[tuple[str, Lines], ...]


@dataclass(frozen=True, slots=True)
class OtherView:
    """Another open request of the same patient."""

    public_id: str
    href: str
    text: str
    about: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """A step of the request's story."""

    at: str
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a request's page shows besides the request itself.

    ``times`` are offered while it is open, those in ``chosen`` with their box ticked.
    ``may_decide_alone``: nobody has to act for the patient. ``told_before`` is for clinicians only.
    """

    steps: tuple[RequestStep, ...]
    others: tuple[RequestedVisit, ...] = ()
    times: FreeTimes | None = None
    chosen: frozenset[str] = frozenset()
    visit_starts_at: datetime | None = None
    may_decide_alone: bool = True
    must_call: bool = False
    told_before: ToldBefore | None = None
    has_consent: bool = False


@dataclass(frozen=True, slots=True)
class DeskRequestView:
    """One request at the desk. ``dial`` is empty without a phone number."""

    path: str
    patient_path: str
    name: str
    status: str
    version: int
    reason: tuple[str, ...]
    reply: tuple[str, ...]
    pairs: tuple[tuple[str, Lines], ...]
    phone: str
    dial: str
    due: MarkView | None
    must_call: bool
    screening: ScreeningView | None
    has_no_guardian: bool
    is_unsure: bool
    is_open: bool
    is_declined: bool
    is_visit_cancelled: bool
    is_video: bool
    merged_path: str
    answer_label: str
    opinion: OpinionView | None
    offers: tuple[OfferView, ...]
    others_open: tuple[OtherView, ...]
    urgency: FieldView
    story: tuple[StoryView, ...]
    names_days: bool
    fitting: tuple[TimeView, ...]
    others_title: str
    others: tuple[TimeView, ...]
    visit_words: str


def present_desk_request(
    *, found: RequestedVisit, beside: Beside, setting: Setting, now: datetime
) -> DeskRequestView:
    """One request with its story, as whoever answers it sees it."""
    zone, times = setting.zone, beside.times
    return DeskRequestView(
        path=f"{QUEUE}/{found.public_id}",
        patient_path=f"/desk/patients/{found.patient}",
        name=f"{found.given_name} {found.family_name}",
        status=found.stands,
        version=found.version,
        reason=_lines(found.reason),
        reply=_lines(found.reply),
        pairs=request_facts(found=found, has_consent=beside.has_consent, zone=zone),
        phone=phone(found.phone) if found.phone else "",
        dial=found.phone or "",
        due=due_mark(found, zone, now),
        must_call=beside.must_call,
        screening=_screening(beside.told_before, zone),
        has_no_guardian=found.guardian_name is None and not beside.may_decide_alone,
        is_unsure=found.is_unsure and found.status in OPEN,
        is_open=found.status in OPEN,
        is_declined=found.status is RequestStatus.DECLINED,
        is_visit_cancelled=found.is_visit_cancelled,
        is_video=found.modality is Modality.TELEHEALTH,
        merged_path=f"{QUEUE}/{found.merged_into}" if found.merged_into else "",
        answer_label=str(_("Answer again") if found.answer else _("Send the answer")),
        opinion=_opinion(found.opinion, zone) if found.opinion else None,
        offers=tuple(_offer(one, found, setting, now) for one in found.offers),
        others_open=tuple(_other(one, zone) for one in beside.others),
        urgency=_urgency(found.urgency),
        story=tuple(_step(one, zone) for one in beside.steps),
        names_days=bool(found.times),
        fitting=_times(times.fitting, found, beside, setting) if times else (),
        others_title=str(_("Other free times") if found.times else _("Free times that suit")),
        others=_times(times.others, found, beside, setting) if times else (),
        visit_words=_visit_words(beside.visit_starts_at, zone),
    )


def _visit_words(starts_at: datetime | None, zone: str) -> str:
    return moment_words(starts_at, zone=zone) if starts_at else ""


def _lines(words: str | None) -> tuple[str, ...]:
    return tuple(line for line in (words or "").splitlines() if line)


def _times(
    slots: tuple[Slot, ...], found: RequestedVisit, beside: Beside, setting: Setting
) -> tuple[TimeView, ...]:
    return tuple(_time(slot, found, beside.chosen, setting) for slot in slots)


def _time(slot: Slot, found: RequestedVisit, chosen: frozenset[str], setting: Setting) -> TimeView:
    place = setting.locations[slot.location]
    value = f"{slot.start}|{slot.practitioner}|{slot.location}"
    who = [setting.practitioners[slot.practitioner].name]
    if len(setting.locations) > 1:
        who.append(place.name)
    who += _theirs(datetime.fromtimestamp(slot.start, UTC), found, place.zone)
    return TimeView(value, slot_words(slot, place.zone), ", ".join(who), is_chosen=value in chosen)


def _theirs(at: datetime, found: RequestedVisit, zone: str) -> list[str]:
    """The patient's own hour where it is another one."""
    if found.modality is not Modality.TELEHEALTH:
        return []
    here, there = (at.astimezone(ZoneInfo(name)) for name in (zone, found.zone))
    if here.utcoffset() == there.utcoffset():
        return []
    hour = f"{local_time(at, zone=found.zone)} {there.tzname()}"
    return [str(_("%(hour)s for the patient", hour=hour))]


def _offer(one: OfferedTime, found: RequestedVisit, setting: Setting, now: datetime) -> OfferView:
    value = f"{int(one.starts_at.timestamp())}|{one.practitioner}|{one.location}"
    who = [one.practitioner_name, *_theirs(one.starts_at, found, one.zone)]
    until = moment_words(one.expires_at, zone=setting.zone)
    held = _("held until %(moment)s", moment=until) if one.is_live(now) else _("no longer held")
    label = moment_words(one.starts_at, zone=one.zone)
    return OfferView(TimeView(value, label, ", ".join(who)), one.service, str(held))


def _opinion(one: Opinion, zone: str) -> OpinionView:
    asked = _(
        "%(who)s asked, %(moment)s", who=one.asked_by, moment=moment_words(one.asked_at, zone=zone)
    )
    given = ""
    if one.given_at is not None:
        moment = moment_words(one.given_at, zone=zone)
        given = str(_("%(who)s, %(moment)s", who=one.given_by, moment=moment))
    return OpinionView(
        question=_lines(one.question),
        asked=str(asked),
        answer=_lines(one.opinion),
        advice=advice_words(one.advice) if one.advice else "",
        given=given,
    )


def _other(one: RequestedVisit, zone: str) -> OtherView:
    sent = moment_words(one.created_at, zone=zone)
    kind = _("video") if one.modality is Modality.TELEHEALTH else _("in the clinic")
    return OtherView(
        public_id=one.public_id,
        href=f"{QUEUE}/{one.public_id}",
        text=str(_("Sent %(moment)s, %(kind)s", moment=sent, kind=kind)),
        about=" ".join(one.reason.split())[:90],
    )


def _urgency(urgency: Urgency) -> FieldView:
    choices = tuple(
        ChoiceView(f"urgency-{one.value}", str(one.value), urgency_words(one), one is urgency)
        for one in Urgency
    )
    return FieldView("urgency", "urgency", str(_("Urgency")), choices=choices)


def _step(one: RequestStep, zone: str) -> StoryView:
    text = step_words(one.step)
    if one.by:
        text = str(_("%(what)s by %(who)s", what=text, who=one.by))
    return StoryView(moment_words(one.at, zone=zone), text, _lines(one.words))


def _screening(told: ToldBefore | None, zone: str) -> ScreeningView | None:
    if told is None:
        return None
    pairs = tuple((one.question, one.answers) for one in told.answers)
    return ScreeningView(moment_words(told.at, zone=zone), pairs)
