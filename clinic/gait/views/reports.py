"""The released report, read by the patient after a sign-in by code."""

from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.documents.operations import DocumentUnreadable, open_document
from clinic.gait.queries.whole import is_released, list_kept
from clinic.gait.views.blueprint import blueprint
from clinic.payments.queries.orders import get_order
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import current_actor, household, patients_only
from clinic.web.downloads import private_file


class ReportUnreadable(DocumentUnreadable):
    """The same in words for a patient."""

    message = (
        "Your report is ready, but we cannot open its file just now: the fault is ours, and it is "
        "on record. Please call us; we put it right or give you a copy another way."
    )


@blueprint.get("/gait/orders/<public_id>/reports/<document>")
@patients_only
def own_report(public_id: str, document: str) -> ResponseReturnValue:
    """A report of one's own order, or of a child's; only once it was released."""
    order = get_order(read_public_id(public_id))
    if household().find(order.patient) is None or not is_released(order):
        raise NotFound
    wanted = read_public_id(document)
    found = next((one for one in list_kept(order) if one.public_id == wanted), None)
    if found is None or found.patient != order.patient:
        raise NotFound
    try:
        content = open_document(
            document=found,
            actor=current_actor(),
            now=now(),
            action="report.read",
            details={"order": order.public_id},
        )
    except DocumentUnreadable as unreadable:
        raise ReportUnreadable from unreadable
    return private_file(content, name=found.name, media_type=found.served_as, size=found.size)
