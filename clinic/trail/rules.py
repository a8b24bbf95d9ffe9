"""Which part of the trail is asked for. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import date

_CURSOR = re.compile(r"([0-9]{1,17})\.([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of the trail ended: the instant in microseconds since 1970, and the entry."""

    micros: int
    entry_id: int

    @property
    def text(self) -> str:
        """As addresses carry it."""
        return f"{self.micros}.{self.entry_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The entries that are wanted; None is any. Dates are the clinic's, both included."""

    patient: str | None = None
    actor: str | None = None
    action: str | None = None
    session: str | None = None
    from_date: date | None = None
    to_date: date | None = None
    after: Position | None = None

    def parameters(self) -> dict[str, str]:
        """The question as an address carries it: ids and dates, never a name."""
        named = {
            "patient": self.patient,
            "actor": self.actor,
            "action": self.action,
            "session": self.session,
            "from": self.from_date and self.from_date.isoformat(),
            "to": self.to_date and self.to_date.isoformat(),
        }
        return {name: value for name, value in named.items() if value}

    def from_the_newest(self) -> "Asked":
        """The same question from its first page."""
        return replace(self, after=None)


def read_position(text: str) -> Position | None:
    """The position in an address, None when it is none of ours."""
    found = _CURSOR.fullmatch(text)
    return Position(int(found[1]), int(found[2])) if found else None
