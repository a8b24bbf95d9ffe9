"""The pages on which one's own contact is changed, ready to print."""

from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.web.households import Household


@dataclass(frozen=True, slots=True)
class ContactView:
    """Whose contact it is. ``children`` go along where they are reached through it."""

    signed_in: str
    children: tuple[str, ...]
    done: str


def present_contact(*, household: Household, done: str) -> ContactView:
    """The page; ``done`` is the word that an earlier step left in the address."""
    words = {
        "phone": _("Your phone number was changed."),
        "email": _("Your e-mail address was changed. Sign in with the new one from now on."),
        "same": _("Nothing was changed: this is what we know."),
    }
    return ContactView(
        signed_in=household.name,
        children=tuple(one.given_name for one in household.kin if not one.is_self),
        done=str(words.get(done, "")),
    )
