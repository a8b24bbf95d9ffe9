"""A patient's messages for the desk, and by what the patient wants to be contacted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from clinic.core.values import PUBLIC
from clinic.messaging.lines import MessageRow, present_row
from clinic.messaging.queries import Posted
from clinic.people.models import Patient
from clinic.people.rules.contact import EMAIL, SMS, ContactWays, Said
from clinic.web.filters import local_date, local_time, phone


@dataclass(frozen=True, slots=True)
class WayView:
    """One channel: how it stands, who said so and when ("" where nobody did), and the button that
    changes it."""

    channel: str
    name: str
    address: str
    icon: str
    state: str
    button: str
    wanted: str
    said: str = ""
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class PatientMessagesView:
    """The page; ``path`` is where wishes are sent to, ``record`` where an address is corrected.

    ``done`` is said when something was.
    """

    name: str
    path: str
    record: str
    ways: tuple[WayView, ...]
    rows: tuple[MessageRow, ...]
    older: str
    refused: str
    done: str


def present_patient_messages(
    *,
    patient: Patient,
    ways: ContactWays,
    messages: Sequence[Posted],
    page_size: int,
    zone: str,
    repeatable: Collection[str] = (),
    has_stopped: bool = False,
    refused: str = "",
    is_done: bool = False,
) -> PatientMessagesView:
    """The messages, the newest first; one more than a page when there are older ones.

    ``repeatable`` are the public ids of those that can be sent once more; ``has_stopped``: the
    phone answered STOP.
    """
    path = f"/desk/patients/{patient.public_id}/messages"
    shown = messages[:page_size]
    mail, texts = present_ways(email=patient.email, number=patient.phone, ways=ways, zone=zone)
    return PatientMessagesView(
        name=f"{patient.given_name} {patient.family_name}",
        path=path,
        record=f"/desk/patients/{patient.public_id}",
        ways=(mail, _stopped(texts) if has_stopped else texts),
        rows=tuple(
            replace(present_row(one, zone), patient="", resend=_again(one, path, repeatable))
            for one in shown
        ),
        older=f"{path}?before={shown[-1].public_id}" if len(messages) > page_size else "",
        refused=refused,
        done=str(_("It is sent again, as things stand now.")) if is_done else "",
    )


def _again(message: Posted, path: str, repeatable: Collection[str]) -> str:
    return f"{path}/{message.public_id}/again" if message.public_id in repeatable else ""


def present_ways(
    *, email: str | None, number: str | None, ways: ContactWays, zone: str
) -> tuple[WayView, WayView]:
    """Mail and texts, as they are wanted now."""
    none = str(_("not known"))
    return (
        replace(
            _way(EMAIL, str(_("E-mail")), email or none, is_wanted=ways.email),
            said=_said(ways.email_said, zone),
        ),
        replace(
            _way(
                SMS, str(_("Text messages")), phone(number) if number else none, is_wanted=ways.sms
            ),
            said=_said(ways.sms_said, zone),
        ),
    )


def _stopped(way: WayView) -> WayView:
    said = str(_("This phone answered STOP. Nothing reaches it until it answers START."))
    return replace(way, icon="no", state=str(_("stopped")), said=said, is_muted=True)


def _said(said: Said | None, zone: str) -> str:
    if said is None:
        return ""
    day, time = local_date(said.at, zone=zone), local_time(said.at, zone=zone)
    if said.by == PUBLIC.name:
        return str(_("Said on our pages, %(day)s, %(time)s", day=day, time=time))
    return str(_("Kept by %(who)s, %(day)s, %(time)s", who=said.by, day=day, time=time))


def _way(channel: str, name: str, address: str, *, is_wanted: bool) -> WayView:
    return WayView(
        channel=channel,
        name=name,
        address=address,
        icon="check" if is_wanted else "no",
        state=str(_("wanted") if is_wanted else _("not wanted")),
        button=str(_("Do not contact by this") if is_wanted else _("Contact by this")),
        wanted="" if is_wanted else "y",
        is_muted=not is_wanted,
    )
