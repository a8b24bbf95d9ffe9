"""Keeping time free at the desk: lunch in two clicks, a day off sick with what stands in it."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.desk.forms.calendar import BlockAsk, read_block, read_day
from clinic.desk.presenters.asking import today_in
from clinic.desk.presenters.blocks import present_block, present_block_form
from clinic.desk.views.blueprint import DESK, blueprint, wants_fragment
from clinic.scheduling.operations.blocks import block_time, unblock_time
from clinic.scheduling.operations.refusals import VisitsInTheWay
from clinic.scheduling.queries.blocks import get_block
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor


@blueprint.get("/desk/block")
@allow(*DESK)
def ask_block() -> ResponseReturnValue:
    """Ask which time of whom is to be kept free, and what for."""
    return _form_page()


@blueprint.post("/desk/block")
@allow(*DESK)
def block() -> ResponseReturnValue:
    """Keep the time free, or say what stands in it.

    A script that asks for a fragment hears the refusal alone, and 204 when it is done.
    """
    setting = get_setting()
    ask = read_block(values=request.form, zone=setting.zone)
    if ask.starts_at is None or ask.ends_at is None:
        return _refuse(_("Type a date, and a time from and until."), 422)
    try:
        _keep_free(ask)
    except VisitsInTheWay as refusal:
        return _refuse(_("Something stands in that time: move it first."), refusal.status)
    except Refusal as refusal:
        return _refuse(str(_(refusal.message)), refusal.status)
    if wants_fragment():
        return "", 204
    day = today_in(setting.zone, ask.starts_at)
    return redirect(f"/desk/calendar?date={day.isoformat()}&done=blocked", 303)


@blueprint.get("/desk/blocks/<block>")
@allow(*DESK)
def block_card(block: str) -> ResponseReturnValue:
    """Blocked time, with a button to give it back."""
    found = get_block(public_id=read_public_id(block))
    view = present_block(block=found, setting=get_setting())
    return render_template("desk/block_card.html", page=view)


@blueprint.post("/desk/blocks/<block>/remove")
@allow(*DESK)
def unblock(block: str) -> ResponseReturnValue:
    """Give the time back."""
    found = get_block(public_id=read_public_id(block))
    unblock_time(public_id=found.public_id, actor=current_actor(), now=now())
    day = today_in(get_setting().zone, found.starts_at)
    return redirect(f"/desk/calendar?date={day.isoformat()}&done=freed", 303)


def _keep_free(ask: BlockAsk) -> None:
    if ask.starts_at is None or ask.ends_at is None:
        raise NotFound
    block_time(
        resource=ask.resource,
        starts_at=ask.starts_at,
        ends_at=ask.ends_at,
        kind=ask.kind,
        actor=current_actor(),
        now=now(),
        beside_visits=ask.beside_visits,
    )


def _refuse(words: str, status: int) -> ResponseReturnValue:
    if wants_fragment():
        return render_template("desk/told.html", words=words), status
    return _form_page(words, status=status)


def _form_page(words: str = "", *, status: int = 200) -> ResponseReturnValue:
    setting = get_setting()
    day = read_day(request.values, today_in(setting.zone, now()))
    view = present_block_form(values=request.values, setting=setting, day=day)
    return render_template("desk/block.html", page=view, words=words), status
