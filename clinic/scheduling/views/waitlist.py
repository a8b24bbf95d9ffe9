"""Waiting for a time: joining at /book/<service>/waitlist, an entry's page at /waitlist/<token>.

Looking changes nothing: links in messages are opened by scanners too. Only a button acts.
"""

from collections.abc import Callable
from dataclasses import replace

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.people.asking.party import Party, asked_party
from clinic.scheduling.forms.clocks import ClockForm
from clinic.scheduling.forms.waitlist import WaitForm, Waiting
from clinic.scheduling.operations import waitlist as operations
from clinic.scheduling.operations.refusals import OfferOver
from clinic.scheduling.presenters.waitlist import (
    length_words,
    offer_over_words,
    present_entry,
)
from clinic.scheduling.queries.links import visit_token, waitlist_token
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.queries.waitlist import (
    WaitingEntry,
    find_later_visit,
    get_entry,
    list_offers,
)
from clinic.scheduling.rules.waitlist import OPEN, EntryStatus
from clinic.scheduling.views.booking import elsewhere, state_page
from clinic.scheduling.views.opened import opened_entry
from clinic.scheduling.views.pages import (
    Notice,
    ask_of_address,
    blueprint,
    clinic_today,
    load_service,
    notice_of,
)
from clinic.scheduling.views.visits import LONGEST_ACTOR
from clinic.web.access import public
from clinic.web.limits import limit_booking
from clinic.web.visitors import visitor_of_browser


@blueprint.get("/book/<service>/waitlist")
@public
def join_waitlist(service: str) -> ResponseReturnValue:
    """Ask for which times of this service somebody waits, and who it is."""
    waiting = _waiting(service)
    if not isinstance(waiting, Waiting):
        return waiting
    form = WaitForm(waiting=waiting, formdata=None)
    form.begin()
    return _join_page(waiting, form, asked_party())


@blueprint.post("/book/<service>/waitlist")
@public
def put_on_waitlist(service: str) -> ResponseReturnValue:
    """Put whoever the form names on the waitlist, or say at the field what is missing."""
    limit_booking()
    waiting = _waiting(service)
    if not isinstance(waiting, Waiting):
        return waiting
    form, party = WaitForm(waiting=waiting), asked_party()
    zone = ClockForm().own_zone() if waiting.service.is_telehealth else None
    wish = form.read(patient_zone=zone, screened_as=visitor_of_browser())
    patient = party.form.read(today=clinic_today(waiting.setting))
    if wish is None or patient is None:
        return _join_page(waiting, form, party, status=422)
    try:
        entry = operations.join_waitlist(
            wish=wish, patient=patient, actor=party.actor, now=waiting.now
        )
    except Refusal as refusal:
        return _join_page(waiting, form, party, notice_of(refusal), status=refusal.status)
    return redirect(entry_path(entry), 303)


@blueprint.get("/waitlist/<token>")
@public
def waitlist_entry(token: str) -> ResponseReturnValue:
    """How the entry stands, and the time that is held for it."""
    return _entry_page(opened_entry(token))


@blueprint.post("/waitlist/<token>/take")
@public
def take_offered(token: str) -> ResponseReturnValue:
    """Book the time that is held."""
    found = opened_entry(token)
    return _step(found, operations.take_offer)


@blueprint.post("/waitlist/<token>/decline")
@public
def decline_offered(token: str) -> ResponseReturnValue:
    """Let the time that is held go, and wait on."""
    found = opened_entry(token)
    return _step(found, operations.decline_offer)


@blueprint.get("/waitlist/<token>/leave")
@public
def ask_leave(token: str) -> ResponseReturnValue:
    """Ask whether to leave the waitlist."""
    found = opened_entry(token)
    if found.status not in OPEN:
        return redirect(entry_path(found), 303)
    view = present_entry(entry=found, last=None, later=None, zone=get_setting().zone, now=now())
    return render_template("scheduling/leave_waitlist.html", page=view, path=entry_path(found))


@blueprint.post("/waitlist/<token>/leave")
@public
def leave_waitlist(token: str) -> ResponseReturnValue:
    """Leave the waitlist; once is enough."""
    found = opened_entry(token)
    try:
        operations.withdraw_entry(public_id=found.public_id, actor=_patient(found), now=now())
    except Refusal as refusal:
        return _refused(found, refusal)
    return redirect(entry_path(found), 303)


def entry_path(entry: WaitingEntry) -> str:
    """The address of an entry's own page."""
    token = waitlist_token(entry)
    return f"/waitlist/{token}"


def _waiting(slug: str) -> Waiting | ResponseReturnValue:
    """For what one may wait at this address, or the page that comes before."""
    at = now()
    setting, service = load_service(slug)
    ask, frame = ask_of_address(setting=setting, service=service, at=at)
    before = elsewhere(service, at, then=ask.address(f"/book/{slug}/waitlist"))
    if before is not None:
        return before
    if "location" not in request.args:
        ask = replace(ask, location=None)
    if service.is_telehealth and ask.state is None:
        return state_page(service)
    return Waiting(
        setting=setting,
        service=service,
        ask=ask,
        places=() if service.is_telehealth else frame.places,
        today=clinic_today(setting),
        now=at,
    )


def _join_page(
    waiting: Waiting,
    form: WaitForm,
    party: Party,
    notice: Notice | None = None,
    *,
    status: int = 200,
) -> ResponseReturnValue:
    ask, slug = waiting.ask, waiting.service.slug
    address = ask.address("", week=None, whole_day=None, part=None)
    return render_template(
        "scheduling/join_waitlist.html",
        service=waiting.service,
        wait=form,
        form=party.form,
        party=party,
        clock=ClockForm() if waiting.service.is_telehealth else None,
        notice=notice,
        path=f"/book/{slug}/waitlist",
        query=address,
        back_to=ask.address(f"/book/{slug}"),
        length=length_words(waiting.setting.policy.waitlist_offer_minutes),
    ), status


def _step(found: WaitingEntry, take: Callable[..., WaitingEntry]) -> ResponseReturnValue:
    """Take the patient's step with the offer that was on the page, or say why not."""
    try:
        done = take(
            public_id=found.public_id,
            offer=request.form.get("offer", ""),
            actor=_patient(found),
            now=now(),
        )
    except Refusal as refusal:
        return _refused(found, refusal)
    if done.status is EntryStatus.BOOKED and done.visit:
        token = visit_token(get_visit(done.visit))
        return redirect(f"/visits/{token}?done=booked", 303)
    return redirect(entry_path(done), 303)


def _refused(found: WaitingEntry, refusal: Refusal) -> ResponseReturnValue:
    entry, notice = get_entry(found.public_id), notice_of(refusal)
    if isinstance(refusal, OfferOver) and entry.status in OPEN:
        notice = Notice(*offer_over_words(entry, now=now()))
    return _entry_page(entry, notice, refusal.status)


def _entry_page(
    found: WaitingEntry, notice: Notice | None = None, status: int = 200
) -> ResponseReturnValue:
    offers = list_offers(found.public_id)
    visit = get_visit(found.visit) if found.visit else None
    token = visit_token(visit) if visit else ""
    view = present_entry(
        entry=found,
        last=offers[0] if offers else None,
        later=find_later_visit(entry=found, now=now()) if found.offer else None,
        zone=get_setting().zone,
        now=now(),
    )
    return render_template(
        "scheduling/waitlist_entry.html",
        page=view,
        path=entry_path(found),
        visit_path=f"/visits/{token}" if visit and visit.status != "cancelled" else "",
        notice=notice,
    ), status


def _patient(found: WaitingEntry) -> Actor:
    name = f"{found.given_name} {found.family_name}"[:LONGEST_ACTOR]
    return Actor(kind="patient", name=name, id=found.patient)
