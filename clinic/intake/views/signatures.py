"""Signatures proven by a press of a button, for whoever answers for the records."""

from flask import render_template
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.values import Role
from clinic.intake.queries.signatures import verify_signatures
from clinic.intake.views.blueprint import blueprint
from clinic.web.access import allow, current_actor

PATH = "/desk/audit/signatures"
PROVERS = (Role.ADMIN, Role.AUDITOR)


@blueprint.get(PATH)
@allow(*PROVERS)
def signatures() -> ResponseReturnValue:
    """What a signature binds, and the button that proves all of them."""
    return render_template("intake/signatures.html", verdict=None)


@blueprint.post(PATH)
@allow(*PROVERS)
def prove_signatures() -> ResponseReturnValue:
    """Prove every signature anew and say what came of it."""
    verdict = verify_signatures()
    record_look(
        action="signatures.verified",
        actor=current_actor(),
        now=now(),
        details={"signatures": verdict.signatures, "whole": verdict.fault is None},
    )
    return render_template("intake/signatures.html", verdict=verdict)
