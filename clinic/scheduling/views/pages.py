"""What the views of booking share: the blueprint, the visitor, and the pages drawn from many."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import Blueprint, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.presenters.visits import HoldView, present_hold
from clinic.scheduling.presenters.weeks import Frame, present_alternatives, present_week
from clinic.scheduling.queries.diary import query_now, seconds
from clinic.scheduling.queries.holds import HeldTime, get_held_time
from clinic.scheduling.queries.setting import currency, get_setting
from clinic.scheduling.queries.weeks import find_week, list_places
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.setting import Service, Setting
from clinic.scheduling.rules.wall_time import local_date
from clinic.scheduling.rules.week_address import Ask, read_ask
from clinic.web.visitors import visitor_of_browser

blueprint = Blueprint("scheduling", __name__)

HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page says before anything else."""

    title: str
    text: str = ""
    kind: str = "warn"


@dataclass(frozen=True, slots=True)
class HeldCard:
    """The held time beside the week, and where one goes on with it."""

    view: HoldView
    path: str


def load_service(slug: str) -> tuple[Setting, Service]:
    """The setting and the service of an address; NotFound for one that is not offered."""
    setting = get_setting()
    service = setting.services.get(slug)
    if service is None:
        raise NotFound
    return setting, service


def query_of_ask(*, ask: Ask, setting: Setting, at: datetime) -> Query:
    """The question as the availability rules ask it."""
    return Query(
        setting=setting,
        service=ask.service,
        practitioner=ask.practitioner,
        location=ask.location,
        state=ask.state,
        now=query_now(at),
    )


def ask_of_address(*, setting: Setting, service: Service, at: datetime) -> tuple[Ask, Frame]:
    """What the address asks for, and the frame of its week."""
    anywhere = Query(setting=setting, service=service.slug, now=query_now(at))
    places = list_places(query=anywhere)
    ask = read_ask(args=request.args, service=service, setting=setting, places=places)
    query = query_of_ask(ask=ask, setting=setting, at=at)
    return ask, Frame(path=f"/book/{service.slug}", ask=ask, query=query, places=places)


def week_page(
    *,
    frame: Frame,
    day: date | None,
    at: datetime,
    notice: Notice | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The page with a week of times; after a refusal with what is free instead."""
    held = _held_here(frame, at)
    # What this visitor holds is free for this visitor: choosing anew lets it go.
    without = (held.occurrence_id,) if held and frame.query.wanted.capacity == 1 else ()
    frame = replace(frame, held_start=seconds(held.starts_at)) if held else frame
    week = find_week(query=frame.query, day=day, now=at, without=without)
    slots = refusal.alternatives if isinstance(refusal, SlotTaken) else ()
    return render_template(
        "scheduling/choose_time.html",
        service=frame.query.wanted,
        week=present_week(week=week, frame=frame),
        alternatives=present_alternatives(slots=slots, frame=frame),
        held=_held_card(held, frame, at),
        state=frame.ask.state,
        wait_href=frame.ask.address(f"{frame.path}/waitlist", whole_day=None),
        notice=notice or (notice_of(refusal) if refusal else None),
    ), status


def notice_of(refusal: Refusal) -> Notice:
    """A refusal in its own words."""
    if isinstance(refusal, Invalid):
        return Notice(_("Please choose one of the times below."))
    return Notice(_(refusal.message))


def local_day(start: int, zone: str) -> date:
    """The local date of an instant in seconds."""
    return local_date(instant=start, zone=zone)


def clinic_today(setting: Setting) -> date:
    """The date in the clinic's zone."""
    return local_date(instant=query_now(now()), zone=setting.zone)


def _held_here(frame: Frame, at: datetime) -> HeldTime | None:
    """The time that this visitor holds already of this service, None otherwise."""
    held = find_held(at)
    return held if held is not None and held.service == frame.ask.service else None


def _held_card(held: HeldTime | None, frame: Frame, at: datetime) -> HeldCard | None:
    if held is None:
        return None
    view = present_hold(held=held, setting=frame.query.setting, currency=currency(), now=at)
    return HeldCard(view, f"/book/{held.service}/{held.public_id}")


def find_held(at: datetime) -> HeldTime | None:
    """The time this browser holds now, None otherwise."""
    visitor, public_id = visitor_of_browser(), session.get(HOLD)
    if visitor is None or not isinstance(public_id, str):
        return None
    try:
        held = get_held_time(public_id=public_id, visitor=visitor)
    except NotFound:
        return None
    return held if held.is_live(at) else None
