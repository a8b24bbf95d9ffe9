"""What happens to forms, in the words of people."""

from flask_babel import gettext as _


def form_words() -> dict[str, str]:
    """Action -> words, for everything about forms, their links and their answers."""
    return {
        "clinic.forms-asked": _("Changed with which visits a form is asked for"),
        "form.amended": _("Corrected a form that was handed in"),
        "form.asked": _("Asked for a form"),
        "form.completed": _("Handed a form in"),
        "form.guardian-named": _("Said who fills a form in for a child"),
        "form.kiosk-code": _("Made a code for the tablet"),
        "form.link-made": _("Made a link to forms"),
        "form.link-opened": _("Opened forms by a link or a code"),
        "form.link-refused": _("Was refused at a link to forms"),
        "form.link-sent": _("Sent the link to forms again"),
        "form.list-seen": _("Looked at the list of forms"),
        "form.page-kept": _("Had a typed page kept while signed out"),
        "form.refused": _("Was refused a form"),
        "form.saved": _("Saved answers"),
        "form.seen": _("Looked at a form"),
        "form.session-ended": _("Closed the forms"),
        "form.session-renewed": _("Proved again whose forms they are"),
        "form.signed": _("Signed a form"),
        "form.status-seen": _("Looked at how forms stand"),
        "form.taken-back": _("Took a form back"),
        "questionnaire.given-to": _("Changed who is given a form"),
        "questionnaire.placed": _("Changed the order of forms"),
    }
