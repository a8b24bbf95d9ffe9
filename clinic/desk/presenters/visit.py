"""One visit at the desk, ready to print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from clinic.desk.presenters.booking import moment_words
from clinic.desk.presenters.record import PATIENTS, NoteView, present_note
from clinic.desk.presenters.referral import present_counter
from clinic.desk.presenters.rows import StepView, name_of, step_view, where_words
from clinic.desk.queries.licences import is_unlicensed
from clinic.desk.rules import can_undo, steps_of
from clinic.people.queries.records import NoteSeen
from clinic.scheduling.operations.moving import MOVABLE
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.direct_access import Counter
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.status import Action, State, Status
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.filters import local_time


@dataclass(frozen=True, slots=True)
class VisitCardView:
    """Facts, steps, and the form of another time as it was typed or as the visit stands."""

    public_id: str
    name: str
    moment: str
    status: str
    is_confirmed: bool
    facts: tuple[tuple[str, str], ...]
    steps: tuple[StepView, ...]
    can_move: bool
    can_stretch: bool
    version: int
    date: str
    time: str
    minutes: str
    practitioner: FieldView
    room_from: str
    room_to: str
    cancel_href: str
    day_href: str
    calendar_href: str
    book_href: str
    record_href: str
    steps_action: str
    linked: tuple[tuple[str, str], ...]
    notes: tuple[NoteView, ...]


def present_visit(
    *,
    visit: Visit,
    setting: Setting,
    now: datetime,
    values: Mapping[str, str],
    linked: Sequence[Visit] = (),
    counter: Counter | None = None,
    notes: Sequence[NoteSeen] = (),
) -> VisitCardView:
    """The card; ``values`` are what was typed, else the visit as it stands."""
    state = State(Status(visit.status), visit.is_confirmed)
    steps = steps_of(state=state, starts_at=visit.starts_at, now=now)
    undo = (step_view(Action.UNDO, visit),) if can_undo(state) else ()
    day = visit.local.date().isoformat()
    can_move, record = visit.status in MOVABLE, f"{PATIENTS}/{visit.patient}"
    return VisitCardView(
        public_id=visit.public_id,
        name=name_of(visit),
        moment=moment_words(visit.starts_at, visit.zone),
        status=visit.status,
        is_confirmed=visit.is_confirmed,
        facts=(*_facts(visit, setting), *_referral(counter)),
        steps=(*(step_view(action, visit) for action in steps), *undo),
        can_move=can_move,
        can_stretch=can_move and visit.capacity == 1,
        version=visit.version,
        date=values.get("date", "")[:10] or day,
        time=values.get("time", "")[:5] or visit.local.strftime("%H:%M"),
        minutes=values.get("minutes", "")[:4] or str(visit.minutes),
        practitioner=_people(visit, setting, values.get("practitioner") or visit.practitioner),
        room_from=values.get("room_from", "")[:64],
        room_to=values.get("room_to", "")[:64],
        cancel_href=f"/desk/visits/{visit.public_id}/cancel" if can_move else "",
        day_href=f"/desk?date={day}#v-{visit.public_id}",
        calendar_href=f"/desk/calendar?date={day}",
        book_href=f"/desk/book?patient={visit.patient}&after={visit.public_id}",
        record_href=record,
        steps_action=f"/desk/steps?date={day}",
        linked=tuple(_linked(one, visit) for one in linked),
        notes=tuple(present_note(one, path=record, zone=visit.zone) for one in notes),
    )


def _linked(other: Visit, visit: Visit) -> tuple[str, str]:
    moment = moment_words(other.starts_at, other.zone)
    is_before = other.starts_at < visit.starts_at
    words = _("Follows the visit of %(moment)s", moment=moment)
    if not is_before:
        words = _("Followed by the visit of %(moment)s", moment=moment)
    return str(words), f"/desk/visits/{other.public_id}"


def _facts(visit: Visit, setting: Setting) -> tuple[tuple[str, str], ...]:
    ends = local_time(visit.ends_at, zone=visit.zone)
    found = [
        (_("When"), f"{moment_words(visit.starts_at, visit.zone)}–{ends}"),
        (_("For"), visit.service_name),
        (_("With"), visit.practitioner_name),
        (_("Where"), where_words(visit)),
        (_("Reference"), visit.reference),
    ]
    if visit.patient_state:
        state = STATES.get(visit.patient_state, visit.patient_state)
        found.append((_("Patient is in"), state))
    if is_unlicensed(visit=visit, setting=setting):
        words = _("No licence there on that day: move the visit, or give it to somebody else.")
        found.append((_("Licence"), str(words)))
    if visit.practitioner not in setting.practitioners and visit.status in MOVABLE:
        words = _(
            "%(name)s has left: give the visit to somebody else.", name=visit.practitioner_name
        )
        found.append((_("Practitioner"), str(words)))
    if visit.override_by:
        reason = f"{visit.override_by}: {visit.override_reason or ''}"
        found.append((_("Against the rules, by"), reason))
    return tuple((str(label), words) for label, words in found)


def _referral(counter: Counter | None) -> tuple[tuple[str, str], ...]:
    """How many visits are left on the visit's day, where a referral or the state counts them."""
    view = present_counter(counter)
    return ((str(_("Referral")), view.text),) if view else ()


def _people(visit: Visit, setting: Setting, chosen: str) -> FieldView:
    people = [
        (one.slug, one.name.partition(",")[0])
        for one in setting.practitioners.values()
        if visit.service in one.services or one.slug == visit.practitioner
    ]
    if visit.practitioner not in setting.practitioners:
        name = visit.practitioner_name.partition(",")[0]
        people.insert(0, (visit.practitioner, str(_("%(name)s, who has left", name=name))))
    choices = tuple(
        ChoiceView(f"practitioner-{number}", slug, name, slug == chosen)
        for number, (slug, name) in enumerate(people)
    )
    return FieldView("practitioner", "practitioner", str(_("With")), choices=choices)
