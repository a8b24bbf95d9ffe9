"""Referrals on a patient's record."""

from flask import redirect
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.errors import Invalid
from clinic.desk.forms.referral import ReferralForm
from clinic.desk.presenters.record import PATIENTS
from clinic.desk.views.blueprint import blueprint
from clinic.desk.views.record import ONE, RECORD_KEEPERS, record_page
from clinic.scheduling.operations.referrals import add_referral, remove_referral
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor


@blueprint.post(f"{ONE}/referrals")
@allow(*RECORD_KEEPERS)
def refer_patient(patient: str) -> ResponseReturnValue:
    """Keep who sent the patient, for how long and for how many visits."""
    form = ReferralForm()
    new = form.read()
    if new is None:
        return record_page(patient, referral=form, status=422)
    try:
        add_referral(patient=read_public_id(patient), new=new, actor=current_actor(), now=now())
    except Invalid as refusal:
        form.tell(refusal.errors)
        return record_page(patient, referral=form, status=422)
    return redirect(f"{PATIENTS}/{patient}?done=referral#referrals", 303)


@blueprint.post(f"{ONE}/referrals/<referral>/remove")
@allow(*RECORD_KEEPERS)
def take_referral_back(patient: str, referral: str) -> ResponseReturnValue:
    """Let a referral count no more."""
    remove_referral(
        patient=read_public_id(patient),
        referral=read_public_id(referral),
        actor=current_actor(),
        now=now(),
    )
    return redirect(f"{PATIENTS}/{patient}?done=referral-removed#referrals", 303)
