"""The pages on which one's own contact is changed, ready to print."""

from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.people.rules.contact import ContactWays
from clinic.web.households import Household


@dataclass(frozen=True, slots=True)
class ContactView:
    """Whose contact it is. ``children`` go along where they are reached through it.

    ``texts``: "on", "off", "stopped" where the phone answered STOP, or "" where none can be sent.
    """

    signed_in: str
    children: tuple[str, ...]
    done: str
    texts: str


def present_contact(
    *, household: Household, ways: ContactWays | None, done: str, has_stopped: bool = False
) -> ContactView:
    """The page; ``done`` is the word that an earlier step left in the address. While the phone says
    STOP, nothing is promised."""
    if has_stopped and done == "texts":
        done = ""
    words = {
        "phone": _("Your phone number was changed."),
        "email": _("Your e-mail address was changed. Sign in with the new one from now on."),
        "texts": _("We send you reminders by text message from now on. Answer STOP to end that."),
        "no-texts": _("You get no more text messages from us."),
        "no-phone": _("Enter your phone number first: there is none that a text could go to."),
        "same": _("Nothing was changed: this is what we know."),
    }
    return ContactView(
        signed_in=household.name,
        children=tuple(one.given_name for one in household.kin if not one.is_self),
        done=str(words.get(done, "")),
        texts="" if ways is None else _texts(ways, has_stopped=has_stopped),
    )


def _texts(ways: ContactWays, *, has_stopped: bool) -> str:
    if has_stopped:
        return "stopped"
    return "on" if ways.sms else "off"
