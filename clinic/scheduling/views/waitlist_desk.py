"""The waitlist at the desk: who waits, somebody put on it by phone, and a time booked for them."""

from collections.abc import Callable, Sequence

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.people.queries import get_patient
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.forms.waitlist import WaitForm, Waiting, service_fields
from clinic.scheduling.operations import waitlist as operations
from clinic.scheduling.operations.waitlist import WAITLIST_ROLES
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.presenters.waitlist_desk import (
    QUEUE,
    present_desk_entry,
    present_waitlist,
)
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.waitlist import (
    WaitingEntry,
    count_waiting,
    get_entry,
    list_entries,
    list_entry_steps,
    list_offers,
    was_taken_off,
)
from clinic.scheduling.queries.waitlist_times import find_times_for_entry
from clinic.scheduling.queries.weeks import list_places
from clinic.scheduling.rules.setting import Service
from clinic.scheduling.rules.waitlist import OPEN, EntryStatus
from clinic.scheduling.rules.waitlist_queue import (
    STATUSES,
    place_text,
    queue_query,
    read_place,
    read_show,
)
from clinic.scheduling.rules.week_address import Ask, read_public_id, read_slot
from clinic.scheduling.views.pages import (
    Notice,
    blueprint,
    clinic_today,
    notice_of,
    query_of_ask,
)
from clinic.web.access import allow, current_actor

PAGE = 50


@blueprint.get(QUEUE)
@allow(*WAITLIST_ROLES)
def waitlist() -> ResponseReturnValue:
    """Who waits for a time, the longest first."""
    setting, show = get_setting(), read_show(request.args.get("show", ""))
    service = _service_named(request.args.get("service", ""))
    found = list_entries(
        statuses=STATUSES[show],
        service=service.slug if service else None,
        after=read_place(request.args.get("after", "")),
        limit=PAGE,
    )
    done = _just_done()
    _record_list((*found.entries, done) if done else found.entries)
    slug, following = service.slug if service else None, found.next_cursor
    view = present_waitlist(
        page=found,
        counts=count_waiting(),
        show=show,
        service=slug,
        more=f"{QUEUE}{queue_query(show, slug, after=place_text(following))}" if following else "",
        setting=setting,
        done=done,
        can_restore=_can_restore(done),
    )
    return render_template("scheduling/waitlist.html", page=view)


@blueprint.get(f"{QUEUE}/new")
@allow(*WAITLIST_ROLES)
def ask_desk_wait() -> ResponseReturnValue:
    """What somebody on the phone waits for."""
    patient = _patient_named()
    form = WaitForm(waiting=_waiting(), formdata=None)
    like = _like(patient)
    if like is not None:
        form.begin_like(like)
    else:
        form.begin()
    return _new_page(patient, form)


@blueprint.post(f"{QUEUE}/new")
@allow(*WAITLIST_ROLES)
def put_somebody_on() -> ResponseReturnValue:
    """Put the patient on the waitlist, or say at the field what is missing."""
    patient = _patient_named()
    form = WaitForm(waiting=_waiting())
    wish = form.read()
    if wish is None:
        return _new_page(patient, form, status=422)
    try:
        made = operations.join_waitlist(
            wish=wish, patient=patient, actor=current_actor(), now=now()
        )
    except Refusal as refusal:
        return _new_page(patient, form, notice_of(refusal), status=refusal.status)
    return redirect(f"{QUEUE}?done={made.public_id}", 303)


@blueprint.get(f"{QUEUE}/<public_id>")
@allow(*WAITLIST_ROLES)
def desk_wait(public_id: str) -> ResponseReturnValue:
    """One entry: what suits, what is free, what was offered."""
    return _entry_page(get_entry(read_public_id(public_id)))


@blueprint.post(f"{QUEUE}/<public_id>/book")
@allow(*WAITLIST_ROLES)
def book_for_somebody(public_id: str) -> ResponseReturnValue:
    """Book one of the free times for whoever waits."""
    found, chosen = get_entry(read_public_id(public_id)), read_slot(request.form.get("slot", ""))
    if chosen is None:
        return _entry_page(found, Notice(_("Please choose one of the free times.")), status=422)
    wish = Wish(
        service=found.service,
        starts_at=instant(chosen.start),
        practitioner=chosen.practitioner,
        location=chosen.location,
        state=found.state,
    )
    return _take(
        found,
        lambda: operations.book_for_entry(
            public_id=found.public_id, wish=wish, actor=current_actor(), now=now()
        ),
    )


@blueprint.post(f"{QUEUE}/<public_id>/take")
@allow(*WAITLIST_ROLES)
def take_for_somebody(public_id: str) -> ResponseReturnValue:
    """Book the time that is held for whoever waits, who says so on the phone."""
    found, offer = get_entry(read_public_id(public_id)), request.form.get("offer", "")
    return _take(
        found,
        lambda: operations.take_offer(
            public_id=found.public_id, offer=offer, actor=current_actor(), now=now()
        ),
    )


@blueprint.post(f"{QUEUE}/<public_id>/decline")
@allow(*WAITLIST_ROLES)
def decline_for_somebody(public_id: str) -> ResponseReturnValue:
    """Let the time that is held go on to the next."""
    found, offer = get_entry(read_public_id(public_id)), request.form.get("offer", "")
    return _take(
        found,
        lambda: operations.decline_offer(
            public_id=found.public_id, offer=offer, actor=current_actor(), now=now()
        ),
    )


@blueprint.post(f"{QUEUE}/<public_id>/withdraw")
@allow(*WAITLIST_ROLES)
def take_somebody_off(public_id: str) -> ResponseReturnValue:
    """Take somebody off the waitlist."""
    found = get_entry(read_public_id(public_id))
    return _take(
        found,
        lambda: operations.withdraw_entry(
            public_id=found.public_id, actor=current_actor(), now=now()
        ),
    )


@blueprint.post(f"{QUEUE}/<public_id>/restore")
@allow(*WAITLIST_ROLES)
def put_back_on(public_id: str) -> ResponseReturnValue:
    """Put back whom staff took off by mistake, at the place they had."""
    found = get_entry(read_public_id(public_id))
    return _take(
        found,
        lambda: operations.restore_entry(
            public_id=found.public_id, actor=current_actor(), now=now()
        ),
    )


def _take(found: WaitingEntry, do: Callable[[], WaitingEntry]) -> ResponseReturnValue:
    """Take the step and go back to the list, or say why not and show how the entry stands."""
    try:
        done = do()
    except Refusal as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _entry_page(get_entry(found.public_id), notice_of(refusal), status=refusal.status)
    return redirect(f"{QUEUE}?done={done.public_id}", 303)


def _can_restore(found: WaitingEntry | None) -> bool:
    """Whether staff took it off while its last date is still to come."""
    if found is None or found.status is not EntryStatus.WITHDRAWN:
        return False
    return found.to_date >= clinic_today(get_setting()) and was_taken_off(found.public_id)


def _entry_page(
    found: WaitingEntry, notice: Notice | None = None, *, status: int = 200
) -> ResponseReturnValue:
    at, setting = now(), get_setting()
    _record_sight(found)
    is_bookable = found.status in OPEN and found.service in setting.services
    view = present_desk_entry(
        entry=found,
        times=find_times_for_entry(entry=found, setting=setting, now=at) if is_bookable else None,
        offers=list_offers(found.public_id),
        steps=list_entry_steps(found.public_id),
        number=get_patient(public_id=found.patient).phone,
        setting=setting,
        can_restore=_can_restore(found),
    )
    return render_template("scheduling/desk_wait.html", page=view, notice=notice), status


def _new_page(
    patient: PatientDetails, form: WaitForm, notice: Notice | None = None, *, status: int = 200
) -> ResponseReturnValue:
    subject = f"patient:{patient.record}"
    record_look(action="desk.looked", actor=current_actor(), now=now(), subject=subject)
    waiting = form.waiting
    query = waiting.ask.address("", week=None)
    return render_template(
        "scheduling/new_wait.html",
        wait=form,
        name=f"{patient.given_name} {patient.family_name}",
        patient=patient.record,
        filters=service_fields(waiting),
        service=waiting.service,
        action=f"{QUEUE}/new?patient={patient.record}&service={waiting.service.slug}"
        f"{'&' if query else ''}{query.removeprefix('?')}",
        notice=notice,
    ), status


def _waiting() -> Waiting:
    """For which service somebody is put on the list, as the address says it, else the first."""
    at, setting = now(), get_setting()
    like = request.args.get("like", "")
    entry = get_entry(read_public_id(like)) if like else None
    service = _service_named(request.args.get("service", "") or (entry.service if entry else ""))
    service = service or next(iter(setting.services.values()), None)
    if service is None:
        raise NotFound
    state = request.args.get("state", "") or (entry.state if entry else None) or None
    ask = Ask(service=service.slug, state=state if service.is_telehealth else None)
    places = list_places(query=query_of_ask(ask=ask, setting=setting, at=at))
    return Waiting(
        setting=setting,
        service=service,
        ask=ask,
        places=() if service.is_telehealth else places,
        today=clinic_today(setting),
        now=at,
        is_staff=True,
    )


def _like(patient: PatientDetails) -> WaitingEntry | None:
    """The entry that the new one is to be like, where it is the same patient's."""
    like = request.args.get("like", "")
    found = get_entry(read_public_id(like)) if like else None
    return found if found is not None and found.patient == patient.record else None


def _patient_named() -> PatientDetails:
    """The record that the address names, whatever else it says by now."""
    one = get_patient(public_id=read_public_id(request.args.get("patient", "")))
    return PatientDetails(
        given_name=one.given_name,
        family_name=one.family_name,
        birth_date=one.birth_date,
        email=one.email,
        phone=one.phone,
        record=one.public_id,
    )


def _service_named(slug: str) -> Service | None:
    return get_setting().services.get(slug)


def _just_done() -> WaitingEntry | None:
    """The entry that a step was taken with a moment ago; None for any other word."""
    try:
        return get_entry(read_public_id(request.args.get("done", "")))
    except NotFound:
        return None


def _record_list(shown: Sequence[WaitingEntry]) -> None:
    record_look(
        action="waitlist.listed",
        actor=current_actor(),
        now=now(),
        seen=[f"patient:{one.patient}" for one in shown],
    )


def _record_sight(found: WaitingEntry) -> None:
    record_look(
        action="waitlist.seen",
        actor=current_actor(),
        now=now(),
        subject=f"waitlist:{found.public_id}",
        seen=[f"patient:{found.patient}"],
    )
