"""The secret link of a visit: it proves itself by a keyed hash, so nothing of it is stored."""

from clinic.core.crypto import keyring
from clinic.core.errors import NotFound
from clinic.scheduling.queries.visits import Visit, get_visit

PURPOSE = "visit-link"
ID_LENGTH = 22


def visit_token(*, public_id: str, link_version: int) -> str:
    """The token of a visit's own page; raising the visit's ``link_version`` ends all older ones."""
    return public_id + keyring().mac(PURPOSE, f"{public_id}:{link_version}")


def get_visit_by_token(token: str) -> Visit:
    """The visit that the token opens; NotFound for any other text."""
    public_id, mac = token[:ID_LENGTH], token[ID_LENGTH:]
    if not (mac.isascii() and token.isprintable()):
        raise NotFound
    visit = get_visit(public_id)
    if not keyring().proves(PURPOSE, f"{public_id}:{visit.link_version}", mac):
        raise NotFound
    return visit
