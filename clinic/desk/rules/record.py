"""Which papers somebody is shown in a record at the desk. Pure."""

from clinic.core.values import Role
from clinic.documents.rules import READERS, Kind


def kinds_read_by(role: Role | None) -> tuple[Kind, ...]:
    """The kinds of documents that this role reads, in their order."""
    return tuple(kind for kind in Kind if role in READERS[kind])
