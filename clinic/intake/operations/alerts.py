"""Messages to staff about safety: that there is something, never what or about whom (RF-06)."""

from collections.abc import Iterable
from datetime import datetime

from clinic.core.values import Role
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient
from clinic.people.queries.staff import list_reachable

ALERT = "safety-alert"
ESCALATION = "safety-escalation"
KINDS = (ALERT, ESCALATION)
QUEUE = "/desk/safety"


def alert_staff(*, event: str, now: datetime) -> None:
    """Tell every clinician to open the queue, in the transaction that raised the event."""
    _post(ALERT, (Role.CLINICIAN,), event, now)


def escalate_to_staff(*, event: str, now: datetime) -> None:
    """Tell clinicians again, and the managers too."""
    _post(ESCALATION, (Role.CLINICIAN, Role.ADMIN), event, now)


def _post(kind: str, roles: Iterable[Role], event: str, now: datetime) -> None:
    for person in list_reachable(roles=roles):
        post_message(
            kind=kind,
            recipient=Recipient(name=person.name, email=person.email),
            context={"link": QUEUE},
            about=f"safety:{event}",
            now=now,
        )
