"""The released report, read by the patient after a sign-in by code."""

from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.documents.queries import read_document
from clinic.gait.queries.whole import is_released, list_reports
from clinic.gait.views.blueprint import blueprint
from clinic.payments.queries.orders import get_order
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import current_actor, household, patients_only
from clinic.web.downloads import private_file


@blueprint.get("/gait/orders/<public_id>/reports/<document>")
@patients_only
def own_report(public_id: str, document: str) -> ResponseReturnValue:
    """A report of one's own order, or of a child's; only once it was released."""
    order = get_order(read_public_id(public_id))
    if household().find(order.patient) is None or not is_released(order):
        raise NotFound
    wanted = read_public_id(document)
    found = next((one for one in list_reports(order) if one.public_id == wanted), None)
    if found is None or found.patient != order.patient:
        raise NotFound
    content = read_document(document=found)
    record_look(
        action="report.read",
        actor=current_actor(),
        now=now(),
        subject=f"patient:{order.patient}",
        details={"document": found.public_id, "order": order.public_id},
    )
    return private_file(
        content, name=found.name, media_type=found.media_type.value, size=found.size
    )
