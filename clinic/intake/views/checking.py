"""All answers once more, and the form is handed in."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.intake.forms.signing import SignatureForm
from clinic.intake.operations.completing import complete_response
from clinic.intake.operations.refusals import (
    ChangedElsewhere,
    FormClosed,
    IntakeIncomplete,
    SafetyOutdated,
)
from clinic.intake.operations.signing import (
    ChildsName,
    GuardianSigns,
    SignatureGiven,
    SignatureMissing,
    SignsOnPaper,
    needs_signature,
)
from clinic.intake.presenters.forms import form_path, present_check, present_faults
from clinic.intake.presenters.languages import foreign
from clinic.intake.queries.responses import AssignedForm
from clinic.intake.rules.faults import Fault
from clinic.intake.rules.translation import spoken
from clinic.intake.views.blueprint import blueprint
from clinic.intake.views.ground import (
    FORM,
    form_state,
    interrupt_of,
    is_safety_asked_again,
    note_look,
    opened,
    removed_words,
)
from clinic.intake.views.openers import Opener
from clinic.web.access import public
from clinic.web.fields import error_list

UNSIGNED = (ChildsName, GuardianSigns, SignatureMissing, SignsOnPaper)


@blueprint.get(f"{FORM}/check")
@public
@opened
def check(assigned: AssignedForm, opener: Opener) -> ResponseReturnValue:
    """All answers once more before they are sent."""
    path = form_path(assigned.assignment.public_id)
    if not assigned.is_open or assigned.response is None:
        return redirect(path, 303)
    interrupt = interrupt_of(assigned.response.public_id)
    if interrupt is not None:
        return redirect(interrupt, 303)
    if is_safety_asked_again(assigned):
        return redirect(path, 303)
    note_look(assigned, opener)
    return _check_page(assigned, opener)


@blueprint.post(f"{FORM}/check")
@public
@opened
def send(assigned: AssignedForm, opener: Opener) -> ResponseReturnValue:
    """Hand the form in, as it was shown."""
    path = form_path(assigned.assignment.public_id)
    if assigned.response is None:
        return redirect(path, 303)
    interrupt = interrupt_of(assigned.response.public_id)
    if interrupt is not None:
        return redirect(interrupt, 303)
    signing = SignatureForm() if needs_signature(form=assigned.form) else None
    signature = signing.read(_language(assigned)) if signing is not None else None
    if signing is not None and signature is None:
        return _check_page(assigned, opener, signing=signing), 422
    return _hand_in(assigned, opener, signing, signature)


def _language(assigned: AssignedForm) -> str:
    return assigned.language or spoken(form=assigned.form)


def _hand_in(
    assigned: AssignedForm,
    opener: Opener,
    signing: SignatureForm | None,
    signature: SignatureGiven | None,
) -> ResponseReturnValue:
    version = request.form.get("version", "")
    shown = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else -1
    try:
        complete_response(
            response=assigned.response.public_id if assigned.response is not None else "",
            version=shown,
            author=opener.author,
            now=now(),
            signature=signature,
        )
    except IntakeIncomplete as refusal:
        return _check_page(assigned, opener, refusal.faults, signing=signing), refusal.status
    except (ChangedElsewhere, *UNSIGNED) as refusal:
        notice = _(refusal.message)
        return _check_page(assigned, opener, notice=notice, signing=signing), refusal.status
    except (SafetyOutdated, FormClosed):
        pass  # the next page leads to what is to be done first
    return redirect(f"{form_path(assigned.assignment.public_id)}/sent", 303)


@blueprint.get(f"{FORM}/sent")
@public
@opened
def sent_page(assigned: AssignedForm, opener: Opener) -> ResponseReturnValue:
    """Thank you; or, where nothing was sent yet, the form itself."""
    if assigned.is_open:
        return redirect(form_path(assigned.assignment.public_id), 303)
    return render_template(
        "intake/sent.html",
        opener=opener,
        form_title=assigned.title,
        was_sent=assigned.assignment.done_at is not None,
    )


def _check_page(
    assigned: AssignedForm,
    opener: Opener,
    faults: tuple[Fault, ...] = (),
    notice: str = "",
    signing: SignatureForm | None = None,
) -> str:
    if signing is None and needs_signature(form=assigned.form):
        signing = SignatureForm(formdata=None)
    state = form_state(assigned)
    unsigned = error_list(signing) if signing is not None else ()
    return render_template(
        "intake/check.html",
        opener=opener,
        form_title=assigned.title,
        errors=(*present_faults(form=assigned.form, state=state, faults=faults), *unsigned),
        signing=signing,
        parts=present_check(assigned=assigned, state=state, faults=faults),
        path=form_path(assigned.assignment.public_id),
        version=assigned.response.version if assigned.response is not None else 0,
        notice=notice,
        gone=removed_words(assigned),
        language=foreign(assigned.language),
    )
