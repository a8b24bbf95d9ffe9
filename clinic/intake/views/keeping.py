"""What somebody typed while their session ended comes back to them, and to nobody else.

A page carries a mark of whom it is drawn for. Sent when nobody is here any more, it is kept sealed
for an hour, and the browser holds the token. Both together give it back: this browser, and the same
person, who has proven anew who they are. It is not saved before they send it once more.
"""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.intake.forms.pages import read_page
from clinic.intake.library import safety_rules
from clinic.intake.operations.keeping import (
    KEPT_LASTS,
    forget_kept,
    holder_in,
    is_held_by,
    keep_page,
    mark_of,
)
from clinic.intake.operations.refusals import ChangedElsewhere
from clinic.intake.presenters.forms import form_path
from clinic.intake.presenters.stops import StopView, present_stop
from clinic.intake.queries.attachments import list_attachments
from clinic.intake.queries.keeping import list_kept
from clinic.intake.queries.responses import AssignedForm, answers_of, get_assigned
from clinic.intake.rules.alarms import INTERRUPTING, Level
from clinic.intake.rules.keeping import Kept, kept_values
from clinic.intake.rules.safety import fired_rules, highest_level, open_rules
from clinic.intake.rules.sections import Section, sections_of
from clinic.intake.rules.sent import Sent, read_base
from clinic.intake.rules.working import state_of
from clinic.intake.views.openers import GuardianUnnamed, NobodyHere, Opener, as_drawn, open_form
from clinic.messaging.delivery import clinic_phone
from clinic.web.access import client_address
from clinic.web.limits import limit, network_of

TOKENS = "forms-kept"
MARK = "keep"
MOST_OF_BROWSER = 4
MOST_OF_NETWORK = 60
NOT_KEPT = ("csrf_token", "birth_date-", MARK, "do")
SAVING = "saving"
FORMS = "/intake"
BACK = "kept"


@dataclass(frozen=True, slots=True)
class Again:
    """A page that was kept, as it is shown again; ``base`` is the version it was made from."""

    sent: Sent
    base: int


def mark_for(assigned: AssignedForm, opener: Opener) -> str:
    """The mark of a page; the clinic's tablet keeps nothing for anybody."""
    if opener.is_kiosk:
        return ""
    return mark_of(assignment=assigned.assignment.public_id, holder=_holder(opener))


def keep_unproven() -> ResponseReturnValue | None:
    """A page that came without the proof that it is ours, as after a new sign-in in another tab:
    its mark shows that it is, and it is shown again to whom it belongs."""
    path = keep_sent()
    return redirect(path, 303) if path else None


def keep_and_ask() -> ResponseReturnValue:
    """What a page's sender reads who is nobody any more: that it is kept, and how to come back."""
    if keep_sent():
        has_files = any(one.filename for one in request.files.values())
        return entry_page(has_files=has_files, stop=stop_of_sent()), 401
    return redirect("/intake", 303)


def stop_of_sent() -> StopView | None:
    """What the answers on the page that was just sent call for at once, whoever sent them: advice
    does not wait until they are back. Nothing that is stored is looked at, and nothing is kept."""
    assignment, number = _place()
    try:
        assigned = as_drawn(get_assigned(public_id=assignment), request.form.get("form", ""))
    except (NotFound, ChangedElsewhere):
        return None
    section = next((one for one in sections_of(form=assigned.form) if one.number == number), None)
    if section is None:
        return None
    sent = read_page(section=section, stored={}, values=MultiDict(request.form))
    rules, state = safety_rules(), state_of(form=assigned.form, answers=sent.answers)
    found = (
        *fired_rules(rules=rules, state=state, age=None),
        *open_rules(rules=rules, state=state, age=None),
    )
    level = highest_level(found)
    if level not in INTERRUPTING:
        return None
    worst = [one.rule_id for one in found if one.level == level]
    return present_stop(level=Level(level), rules=worst, answers=(), phone=clinic_phone())


def keep_sent() -> str:
    """Keep the page that was just sent; its address, "" where it is none of ours."""
    if request.endpoint != "intake.save" or request.headers.get("X-Saving") == SAVING:
        return ""
    assignment, section = _place()
    holder = holder_in(mark=request.form.get(MARK, ""), assignment=assignment)
    values = kept_values(pairs=request.form.items(multi=True), without=NOT_KEPT)
    if holder is None or values is None or section < 1:
        return ""
    network = network_of(client_address())
    limit(name="form-kept", who=network, at_most=MOST_OF_NETWORK, now=now(), window=KEPT_LASTS)
    tokens = _tokens()
    try:
        kept = Kept(assignment, section, holder, values)
        token = keep_page(kept=kept, tokens=tokens, now=now())
    except NotFound:
        return ""
    session[TOKENS] = [*tokens, token][-MOST_OF_BROWSER:]
    return f"{form_path(assignment)}/{section}"


def entry_page(*, has_files: bool = False, stop: StopView | None = None) -> str:
    """How to get in, and whether a page that this browser sent is waiting."""
    is_kept = bool(_kept())
    return render_template("intake/no_entry.html", is_kept=is_kept, has_files=has_files, stop=stop)


def entry() -> str:
    """Where somebody goes on who has just proven who they are."""
    return f"{FORMS}?{BACK}=1" if TOKENS in session else FORMS


def waiting_page(assignments: Collection[str]) -> str:
    """Where a page waits that was drawn for whoever is here, among these forms; "" for none."""
    for kept in _kept().values():
        if kept.assignment not in assignments:
            continue
        with contextlib.suppress(NobodyHere, GuardianUnnamed, NotFound):
            assigned, opener = open_form(kept.assignment)
            if assigned.is_open and is_held_by(kept=kept, holder=_holder(opener)):
                return f"{form_path(kept.assignment)}/{kept.section}"
    return ""


def page_again(
    assigned: AssignedForm, opener: Opener, section: Section
) -> tuple[AssignedForm, Again] | None:
    """The kept page of this section, read anew, with the form as it was shown then; None where
    there is none that was drawn for whoever is here."""
    found = (one for one in _kept().values() if _is_of(one, assigned, section))
    kept = next((one for one in found if is_held_by(kept=one, holder=_holder(opener))), None)
    if kept is None:
        return None
    try:
        assigned = as_drawn(assigned, kept.first("form"))
    except (NotFound, ChangedElsewhere):
        return None  # the controls would be other questions'
    stored = answers_of(assigned.response) if assigned.response is not None else {}
    files = list_attachments(patient=assigned.patient.public_id)
    sent = read_page(section=section, stored=stored, values=MultiDict(kept.values), files=files)
    version, older = read_base(text=kept.first("base"))
    known = min((version, *older.values()))
    return assigned, Again(sent, known)


def forget_page(assigned: AssignedForm, section: Section) -> None:
    """The section was sent again: what was kept of it stands in its answers, or on the page."""
    if TOKENS in session:
        _forget([token for token, one in _kept().items() if _is_of(one, assigned, section)])


def forget_all() -> None:
    """Somebody leaves this browser for good."""
    _forget(_tokens())


def _forget(tokens: Sequence[str]) -> None:
    for token in tokens:
        forget_kept(token=token, now=now())
    session[TOKENS] = [one for one in _tokens() if one not in tokens]
    if not session[TOKENS]:
        session.pop(TOKENS)


def _kept() -> Mapping[str, Kept]:
    tokens = _tokens()
    return list_kept(tokens=tokens, now=now()) if tokens else {}


def _tokens() -> list[str]:
    found = session.get(TOKENS)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _is_of(kept: Kept, assigned: AssignedForm, section: Section) -> bool:
    return (kept.assignment, kept.section) == (assigned.assignment.public_id, section.number)


def _holder(opener: Opener) -> str:
    """Who somebody is, for a page: the person by their record, and the name they gave where they
    fill in for a child by a mail's link."""
    return f"{opener.author.actor.id}|{opener.author.name}"


def _place() -> tuple[str, int]:
    places = request.view_args or {}
    return str(places.get("assignment", "")), int(places.get("number", 0))
