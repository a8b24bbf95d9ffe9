"""Small frozen values that every slice speaks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self


class Role(StrEnum):
    """What a member of staff or an API token may do (product.md, "Roles")."""

    ADMIN = "admin"
    FRONT_DESK = "front_desk"
    CLINICIAN = "clinician"
    GAIT_LAB = "gait_lab"
    AUDITOR = "auditor"


ActorKind = Literal["public", "patient", "staff", "token", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. ``id`` is a public id (staff, token) and None for public and system.

    ``session`` is the public id of the signed-in browser through which a person acts.
    """

    kind: ActorKind
    name: str
    id: str | None = None
    role: Role | None = None
    session: str | None = None

    @property
    def is_staff(self) -> bool:
        """Whether this is a member of staff or a token acting as one."""
        return self.kind in {"staff", "token"} and self.role is not None


PUBLIC = Actor(kind="public", name="public")
SYSTEM = Actor(kind="system", name="system")


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A half-open period of aware UTC instants: the start belongs to it, the end does not."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("an interval needs aware instants")
        if self.starts_at >= self.ends_at:
            raise ValueError("an interval ends after it starts")

    def overlaps(self, other: Self) -> bool:
        """Whether the two share an instant; touching ends do not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at
