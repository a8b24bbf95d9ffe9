"""In which state somebody will be during a visit by video, asked before anything else of it."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.gait.presenters.states import state_field, uncovered_words
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.rules.licences import covers_ahead
from clinic.scheduling.rules.states import STATES


@dataclass(frozen=True, slots=True)
class AskedState:
    """``state`` is that of the address or what was known; None where there is none to be asked.

    ``is_asked``: the visit is by video and no state that helps was told; ``error`` says why.
    """

    state: str | None
    is_asked: bool = False
    error: str = ""


def asked_state(service: str, *, known: str | None = None) -> AskedState:
    """The state in the address or form, else the one that is known of the order."""
    setting = get_setting()
    given = setting.services.get(service)
    if given is None or not given.is_telehealth:
        return AskedState(None)
    told = request.form.get("state") or request.args.get("state")
    state = known if told is None else told
    if state not in STATES or "ask" in request.args:
        error = "" if told is None else _("Choose the state you will be in")
        return AskedState(state if state in STATES else None, is_asked=True, error=str(error))
    today = clinic_date(now())
    if not covers_ahead(setting=setting, state=state, today=today, service=service):
        return AskedState(state, is_asked=True, error=uncovered_words(state))
    return AskedState(state)


def read_state(text: str) -> str | None:
    """A state by its two letters, None for what is none."""
    return text if text in STATES else None


def state_page(
    asked: AskedState, *, action: str, item: str, back_to: tuple[str, str], time: str = ""
) -> ResponseReturnValue:
    """Ask for the state; ``action`` is where it is sent on to, by GET, with a chosen ``time``."""
    return render_template(
        "gait/ask_state.html",
        field=state_field(chosen=asked.state, error=asked.error),
        action=action,
        item=item,
        back_to=back_to,
        time=time,
    ), 422 if asked.error else 200
