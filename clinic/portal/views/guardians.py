"""The desk's page of guardians: whom to believe, whose access ends, and who decides alone."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import Role
from clinic.people.queries import list_patients_named
from clinic.people.rules.names import name_key
from clinic.portal.forms import LoneAsk, LoneMinorForm
from clinic.portal.operations.guardians import confirm_guardian, end_guardian
from clinic.portal.operations.own_consents import end_own_consent, let_decide_alone
from clinic.portal.presenters.guardians import present_guardians, present_lone_minors, record_words
from clinic.portal.queries.guardians import list_guardians, list_lone_minors
from clinic.portal.views.blueprint import blueprint
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor

GUARDIANS = "/desk/guardians"
ALONE = f"{GUARDIANS}/alone"
GUARDIAN_DESK = (Role.ADMIN, Role.FRONT_DESK)


@blueprint.get(GUARDIANS)
@allow(*GUARDIAN_DESK)
def guardians() -> ResponseReturnValue:
    """Who acts for which child, those first who wait to be confirmed."""
    at = now()
    today, zone = clinic_date(at), get_setting().zone
    found, lone = list_guardians(today=today), list_lone_minors(today=today)
    records = [*(one.patient for one in found), *(one.patient for one in lone)]
    record_look(
        action="guardians.listed",
        actor=current_actor(),
        now=at,
        seen=[f"patient:{record}" for record in records],
    )
    return render_template(
        "portal/guardians.html",
        lines=present_guardians(found, path=GUARDIANS, zone=zone),
        lone=present_lone_minors(lone, path=ALONE, zone=zone),
    )


@blueprint.post(f"{GUARDIANS}/<guardian>/confirm")
@allow(*GUARDIAN_DESK)
def confirm(guardian: str) -> ResponseReturnValue:
    """Let somebody act for the child whom the desk has asked who they are."""
    confirm_guardian(public_id=read_public_id(guardian), actor=current_actor(), now=now())
    return redirect(f"{GUARDIANS}?done=confirmed", 303)


@blueprint.post(f"{GUARDIANS}/<guardian>/end")
@allow(*GUARDIAN_DESK)
def end(guardian: str) -> ResponseReturnValue:
    """Refuse somebody, or end their access."""
    end_guardian(public_id=read_public_id(guardian), actor=current_actor(), now=now())
    return redirect(f"{GUARDIANS}?done=ended", 303)


@blueprint.get(ALONE)
@allow(*GUARDIAN_DESK)
def decide_alone() -> ResponseReturnValue:
    """Ask who decides alone, and why."""
    return render_template("portal/decide_alone.html", form=LoneMinorForm(formdata=None))


@blueprint.post(ALONE)
@allow(*GUARDIAN_DESK)
def do_decide_alone() -> ResponseReturnValue:
    """Find the record, and let that minor decide alone."""
    form = LoneMinorForm()
    asked = form.read()
    record = _record_of(form, asked) if asked else None
    if asked is None or record is None:
        return render_template("portal/decide_alone.html", form=form), 422
    try:
        let_decide_alone(
            patient=record,
            ground=asked.ground,
            note=asked.note,
            email=asked.email,
            phone=asked.phone,
            actor=current_actor(),
            now=now(),
        )
    except Refusal as refusal:
        form.birth_date.errors = [_(refusal.message)]
        return render_template("portal/decide_alone.html", form=form), refusal.status
    return redirect(f"{GUARDIANS}?done=alone", 303)


@blueprint.post(f"{ALONE}/<consent>/end")
@allow(*GUARDIAN_DESK)
def end_alone(consent: str) -> ResponseReturnValue:
    """From now on the guardians act again."""
    end_own_consent(public_id=read_public_id(consent), actor=current_actor(), now=now())
    return redirect(f"{GUARDIANS}?done=alone-ended", 303)


def _record_of(form: LoneMinorForm, asked: LoneAsk) -> str | None:
    """The public id of the record that is meant, or None with the question put at its field."""
    found = list_patients_named(
        given_key=name_key(asked.given_name),
        family_key=name_key(asked.family_name),
        birth_date=asked.birth_date,
    )
    seen = [f"patient:{one.public_id}" for one in found]
    record_look(action="guardians.searched", actor=current_actor(), now=now(), seen=seen)
    known = [one.public_id for one in found]
    if len(found) > 1:
        form.record.choices = [
            SelectChoice(value=one.public_id, label=record_words(one.email, one.phone))
            for one in found
        ]
    if asked.record in known:
        return asked.record
    if len(found) == 1:
        return known[0]
    if found:
        form.record.errors = [_("Several records have this name. Choose one.")]
    else:
        form.given_name.errors = [
            _("There is no record of this name and birth date. Book or take the request first.")
        ]
    return None
