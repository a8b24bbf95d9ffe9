"""How the states of visits and requests look: one mapping for lists, tables and the calendar."""

from dataclasses import dataclass

from flask import Flask
from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class StatusLook:
    """`css` is a class of status.css, `icon` a name of the icon set, `word` ready to print."""

    css: str
    icon: str
    word: str


def init_status(app: Flask) -> None:
    """Give templates `status_look`."""
    app.add_template_global(status_look)


def status_look(status: str, confirmed: bool = False) -> StatusLook:
    """The look of a visit's or request's status, or of "held". KeyError on one we do not have.

    "Confirmed" is a flag on booked, not a status of its own.
    """
    looks = {
        "held": StatusLook("st-held", "hourglass", _("Held")),
        "booked": StatusLook("st-booked", "circle", _("Booked")),
        "arrived": StatusLook("st-arrived", "arrived", _("Arrived")),
        "checked-in": StatusLook("st-in", "in", _("Checked in")),
        "fulfilled": StatusLook("st-done", "check", _("Fulfilled")),
        "cancelled": StatusLook("st-gone", "cross", _("Cancelled")),
        "noshow": StatusLook("st-no", "no", _("No-show")),
        "requested": StatusLook("st-held", "hourglass", _("Requested")),
        "answered": StatusLook("st-booked", "form", _("Answered")),
        "offered": StatusLook("st-booked", "calendar", _("Times offered")),
        "waiting": StatusLook("st-held", "hourglass", _("Waiting")),
        "time-offered": StatusLook("st-booked", "calendar", _("A time is offered")),
        "expired": StatusLook("st-gone", "cross", _("Over")),
        "merged": StatusLook("st-gone", "cross", _("Joined with another")),
        "scheduled": StatusLook("st-done", "calendar", _("Scheduled")),
        "visit-cancelled": StatusLook("st-gone", "cross", _("Visit cancelled")),
        "declined": StatusLook("st-no", "no", _("Declined")),
        "withdrawn": StatusLook("st-gone", "cross", _("Withdrawn")),
    }
    if status == "booked" and confirmed:
        return StatusLook("st-booked", "confirmed", _("Confirmed"))
    return looks[status]
