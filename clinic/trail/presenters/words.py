"""Actions in the words of people. An action that has none yet is shown by its own name."""

from flask_babel import gettext as _


def action_words(action: str) -> str:
    """`Cancelled a visit` for `appointment.cancelled`."""
    found = _words().get(action)
    if found is not None:
        return found
    kind, _dot, step = action.partition(".")
    return f"{kind.replace('-', ' ')}: {step.replace('-', ' ')}".capitalize()


def _words() -> dict[str, str]:
    return {
        "appointment.arrived": _("Noted an arrival"),
        "appointment.booked": _("Booked a visit"),
        "appointment.cancelled": _("Cancelled a visit"),
        "appointment.checked-in": _("Checked in"),
        "appointment.confirmed": _("Confirmed a visit"),
        "appointment.fulfilled": _("Finished a visit"),
        "appointment.moved": _("Moved a visit"),
        "appointment.noshow": _("Noted a no-show"),
        "appointment.seen": _("Looked at a visit"),
        "appointment.undone": _("Took a step back"),
        "appointments.listed": _("Looked at a list of visits"),
        "audit.exported": _("Took a copy of the audit trail"),
        "audit.looked": _("Looked at the audit trail"),
        "audit.searched": _("Searched a patient’s trail"),
        "audit.verified": _("Verified the audit trail"),
        "clinic.load": _("Changed the clinic’s set-up"),
        "desk.looked": _("Looked at the desk"),
        "guardian.added": _("Named a guardian"),
        "guardian.confirmed": _("Confirmed a guardian"),
        "guardian.ended": _("Ended a guardian’s access"),
        "guardians.listed": _("Looked at the list of guardians"),
        "keys.rotated": _("Changed the encryption key"),
        "page.refused": _("Was refused a page"),
        "patient.created": _("Made a patient’s record"),
        "patient.sign-in-failed": _("Failed to sign in as a patient"),
        "patient.signed-in": _("Signed in as a patient"),
        "patient.signed-out": _("Signed out as a patient"),
        "patient.signed-out-everywhere": _("Signed out on all devices"),
        "portal.data-downloaded": _("Downloaded a record"),
        "portal.data-read": _("Read everything in a record"),
        "portal.refused": _("Was refused somebody else’s record"),
        "portal.seen": _("Looked at their own or a child’s visits"),
        "staff.created": _("Made an account"),
        "staff.link-made": _("Made a set-up link"),
        "staff.password-chosen": _("Chose a password"),
        "staff.sign-in-failed": _("Failed to sign in"),
        "staff.signed-in": _("Signed in"),
        "staff.signed-out": _("Signed out"),
        "token.created": _("Made an API token"),
        "token.revoked": _("Ended an API token"),
    }
