"""Actions and subjects in the words of people. What has none yet is shown by its own name."""

from flask_babel import gettext as _

from clinic.trail.presenters.form_words import form_words
from clinic.trail.presenters.money_words import money_words


def action_words(action: str) -> str:
    """`Cancelled a visit` for `appointment.cancelled`."""
    found = {**money_words(), **form_words(), **_words()}.get(action)
    if found is not None:
        return found
    kind, _dot, step = action.partition(".")
    return f"{kind.replace('-', ' ')}: {step.replace('-', ' ')}".capitalize()


def subject_words(subject: str) -> str:
    """`Condition: buttock pain` for `text:condition:buttock-pain`; `A visit` for one with no name.

    Subjects that have a name of their own, patients above all, are named by their records; this is
    for the rest, and for records that are no longer there.
    """
    kind, _colon, rest = subject.partition(":")
    if kind == "text":
        return _text_words(rest)
    return _subjects().get(kind, kind.replace("-", " ").capitalize())


def _text_words(name: str) -> str:
    kind, _colon, slug = name.partition(":")
    about = slug.replace("-", " ")
    words = {
        "home": _("Home page"),
        "condition": _("Condition: %(name)s", name=about),
        "person": _("Person: %(name)s", name=about),
        "page": _("Page: %(name)s", name=about),
    }
    return str(words.get(kind, name))


def _subjects() -> dict[str, str]:
    return {
        "appointment": _("A visit"),
        "block": _("Blocked time"),
        "clinic": _("The clinic’s set-up"),
        "message": _("A message"),
        "money": _("The book"),
        "numbers": _("The numbers"),
        "order": _("An order"),
        "patient": _("A patient"),
        "product": _("What is sold"),
        "session": _("A session"),
        "staff": _("An account"),
        "task": _("Something for a person"),
        "till": _("A day’s till"),
        "token": _("An API token"),
        "visit-request": _("A request"),
        "waitlist": _("A waitlist entry"),
    }


def _words() -> dict[str, str]:
    return {
        "answers.exported": _("Took a copy of answers"),
        "answers.intake-pdf-made": _("Made a PDF of all that a patient told"),
        "answers.intake-read": _("Read all that a patient told"),
        "answers.pdf-made": _("Made a PDF of answers"),
        "answers.read": _("Read all answers to a form"),
        "answers.summary-read": _("Read the summary of answers"),
        "appointment.arrived": _("Noted an arrival"),
        "appointment.booked": _("Booked a visit"),
        "appointment.cancelled": _("Cancelled a visit"),
        "appointment.checked-in": _("Checked in"),
        "appointment.confirmed": _("Confirmed a visit"),
        "appointment.fulfilled": _("Finished a visit"),
        "appointment.moved": _("Moved a visit"),
        "appointment.noshow": _("Noted a no-show"),
        "appointment.review-cleared": _("Read the answers and let a visit take place"),
        "appointment.seen": _("Looked at a visit"),
        "appointment.undone": _("Took a step back"),
        "appointments.listed": _("Looked at a list of visits"),
        "audit.exported": _("Took a copy of the audit trail"),
        "audit.looked": _("Looked at the audit trail"),
        "audit.searched": _("Searched a patient’s trail"),
        "audit.verified": _("Verified the audit trail"),
        "block.made": _("Blocked time"),
        "block.removed": _("Gave blocked time back"),
        "calendar-feed.ended": _("Ended a calendar’s address"),
        "calendar-feed.made": _("Made a calendar’s address"),
        "calendar-feed.read": _("Fetched a patient’s calendar"),
        "clinic.load": _("Changed the clinic’s set-up"),
        "desk.looked": _("Looked at the desk"),
        "document.added": _("Kept a document"),
        "document.named": _("Said what a document is"),
        "document.read": _("Read a document"),
        "document.removed": _("Removed a document"),
        "desk.doubles-compared": _("Compared two records"),
        "desk.doubles-listed": _("Looked at records that may be one person"),
        "desk.printed": _("Printed a day’s sheet"),
        "desk.reviews-listed": _("Looked at visits to be reviewed"),
        "desk.searched": _("Searched for a patient"),
        "contact.code-asked": _("Asked to change an e-mail address"),
        "contact.email-changed": _("Changed an e-mail address"),
        "contact.phone-changed": _("Changed a phone number"),
        "contact.refused": _("Typed wrong codes for a new address"),
        "documents.listed": _("Looked at a patient’s papers"),
        "guardian.added": _("Named a guardian"),
        "guardian.confirmed": _("Confirmed a guardian"),
        "guardian.ended": _("Ended a guardian’s access"),
        "guardians.searched": _("Searched a minor’s record"),
        "guardians.listed": _("Looked at the list of guardians"),
        "backup.made": _("Made a backup"),
        "backup.restored": _("Restored a backup"),
        "keys.rotated": _("Changed the encryption key"),
        "message-text.reset": _("Took back the words that came with a message"),
        "message-text.saved": _("Changed the words of a message"),
        "message.repeated": _("Told again what a message had told"),
        "message.resent": _("Sent a message again"),
        "message.settled": _("Took a message off the list of those not delivered"),
        "message.seen": _("Read a message"),
        "messages.seen": _("Looked at the messages"),
        "own-consent.ended": _("Ended a minor’s own consent"),
        "own-consent.granted": _("Let a minor decide alone"),
        "page.refused": _("Was refused a page"),
        "patient.contact-unwanted": _("Asked not to be contacted in a way"),
        "patient.contact-wanted": _("Asked to be contacted in a way"),
        "patient.corrected": _("Corrected a patient’s record"),
        "patient.created": _("Made a patient’s record"),
        "patient.merged": _("Merged two records into one"),
        "patient.merge-undone": _("Parted two merged records again"),
        "patient.told-apart": _("Found that two records are two people"),
        "patient.noted": _("Noted something of a patient"),
        "patient.note-removed": _("Took a note back"),
        "patient.note-reworded": _("Reworded a note"),
        "patient.referral-removed": _("Took a referral back"),
        "patient.referred": _("Wrote a referral down"),
        "patient.seen": _("Looked at a patient’s record"),
        "patient.sign-in-failed": _("Failed to sign in as a patient"),
        "patient.signed-in": _("Signed in as a patient"),
        "patient.signed-out": _("Signed out as a patient"),
        "patient.signed-out-everywhere": _("Signed out on all devices"),
        "portal.data-downloaded": _("Downloaded a record"),
        "portal.data-read": _("Read everything in a record"),
        "portal.refused": _("Was refused somebody else’s record"),
        "portal.seen": _("Looked at their own or a child’s visits"),
        "questionnaire.activated": _("Gave a form to patients"),
        "questionnaire.imported": _("Took a form in"),
        "questionnaire.retired": _("Retired a form"),
        "safety.acknowledged": _("Took a safety event on"),
        "safety.closed": _("Closed a safety event"),
        "safety.escalated": _("Told more people of a safety event"),
        "safety.listed": _("Looked at the safety queue"),
        "safety.raised": _("Gave an answer that raised a safety event"),
        "safety.read": _("Read what to do about an answer"),
        "safety.seen": _("Looked at a safety event"),
        "safety.shown": _("Was shown what to do about an answer"),
        "safety.screened": _("Answered the safety questions"),
        "signatures.verified": _("Proved all signatures"),
        "staff.code-refused": _("Typed a wrong code of the app"),
        "staff.created": _("Made an account"),
        "staff.disabled": _("Closed an account"),
        "staff.enabled": _("Opened an account again"),
        "staff.link-made": _("Made a set-up link"),
        "staff.password-changed": _("Changed a password"),
        "staff.password-chosen": _("Chose a password"),
        "staff.proof-failed": _("Failed to prove who they are"),
        "staff.proved-again": _("Proved again who they are"),
        "staff.recovery-codes-made": _("Made new recovery codes"),
        "staff.reset-asked": _("Asked for a new password"),
        "staff.role-changed": _("Changed a role"),
        "staff.second-factor-begun": _("Began to set up an app"),
        "staff.second-factor-removed": _("Switched the app off"),
        "staff.second-factor-reset": _("Took a lost app away"),
        "staff.second-factor-set": _("Took an app into use"),
        "staff.sessions-ended": _("Signed browsers out"),
        "staff.sign-in-failed": _("Failed to sign in"),
        "staff.signed-in": _("Signed in"),
        "staff.signed-out": _("Signed out"),
        "text.added": _("Began a text of the site"),
        "text.hidden": _("Hid a text of the site"),
        "text.reset": _("Took back the text that came with the site"),
        "text.restored": _("Took back an earlier text of the site"),
        "text.saved": _("Changed a text of the site"),
        "text.shown": _("Showed a text of the site"),
        "till.closed": _("Closed the till"),
        "till.exported": _("Took a copy of the till"),
        "till.moved": _("Put cash in or took it out"),
        "till.seen": _("Looked at the till"),
        "token.created": _("Made an API token"),
        "token.revoked": _("Ended an API token"),
        "video.guests-ended": _("Ended the link of a video visit's guests"),
        "video.guests-invited": _("Made a link for guests of a video visit"),
        "video.late": _("Told who waits that a clinician is late"),
        "video.located": _("Said where they are during a video visit"),
        "video.meeting-set": _("Set where a video visit takes place"),
        "visit-request.advised": _("Gave an opinion on a request"),
        "visit.charged": _("Changed what is due for a visit"),
        "visit-request.answered": _("Answered a request"),
        "visit-request.consulted": _("Asked for an opinion on a request"),
        "visit-request.declined": _("Declined a request"),
        "visit-request.lapsed": _("Offered times were over"),
        "visit-request.retracted": _("Took offered times back"),
        "visit-request.merged": _("Merged requests"),
        "visit-request.offered": _("Offered times for a request"),
        "visit-request.reopened": _("Opened a request again"),
        "visit-request.replied": _("Wrote about a request"),
        "visit-request.requested": _("Asked for a visit"),
        "visit-request.scheduled": _("Booked a visit for a request"),
        "visit-request.seen": _("Looked at a request"),
        "visit-request.triaged": _("Set how urgent a request is"),
        "visit-request.turned": _("Turned a request into the other kind"),
        "visit-request.withdrawn": _("Took a request back"),
        "visit-requests.listed": _("Looked at the requests"),
        "waitlist.booked": _("Booked a visit from the waitlist"),
        "waitlist.declined": _("Did not want a time from the waitlist"),
        "waitlist.expired": _("A wait on the waitlist was over"),
        "waitlist.joined": _("Joined the waitlist"),
        "waitlist.lapsed": _("A time offered from the waitlist was over"),
        "waitlist.listed": _("Looked at the waitlist"),
        "waitlist.offered": _("Offered a time from the waitlist"),
        "waitlist.restored": _("Put back on the waitlist, at the old place"),
        "waitlist.retracted": _("Took back a time offered from the waitlist"),
        "waitlist.seen": _("Looked at a waitlist entry"),
        "waitlist.withdrawn": _("Left the waitlist"),
    }
