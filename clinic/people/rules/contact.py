"""How a patient may be contacted. Pure.

Mail goes to whoever gave an address, until they say no; a text message only to who asked for it, at
the number for which they asked.
"""

from dataclasses import dataclass
from datetime import datetime

EMAIL = "email"
SMS = "sms"
CHANNELS = (EMAIL, SMS)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a patient said of a channel; ``address`` is the number for which texts were asked."""

    is_wanted: bool
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """When a wish was kept, and by whom: staff by name, else ``public`` or the patient."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ContactWays:
    """By what a patient may be contacted now; ``said`` is None where nobody has said anything."""

    email: bool
    sms: bool
    email_said: Said | None = None
    sms_said: Said | None = None


def may_write(*, channel: str, wish: Wish | None, number: str | None, address: str) -> bool:
    """Whether a message may go to ``address``; ``number`` is the record's phone as it stands."""
    if channel == SMS:
        return (
            wish is not None
            and wish.is_wanted
            and wish.address is not None
            and wish.address == number == address
        )
    return wish is None or wish.is_wanted
