"""Secret links of visits and requests: each proves itself by a keyed hash, nothing is stored."""

from clinic.core.crypto import keyring
from clinic.core.errors import NotFound
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.queries.visits import Visit, get_visit

VISIT = "visit-link"
REQUEST = "request-link"
ID_LENGTH = 22


def visit_token(*, public_id: str, link_version: int) -> str:
    """The token of a visit's own page; raising the visit's ``link_version`` ends all older ones."""
    return _token(VISIT, public_id, link_version)


def get_visit_by_token(token: str) -> Visit:
    """The visit that the token opens; NotFound for any other text."""
    visit = get_visit(_id_in(token))
    _refuse_forged(VISIT, token, visit.link_version)
    return visit


def request_token(*, public_id: str, link_version: int) -> str:
    """The token of a request's own page, made and ended like a visit's."""
    return _token(REQUEST, public_id, link_version)


def get_request_by_token(token: str) -> RequestedVisit:
    """The request that the token opens; NotFound for any other text."""
    found = get_request(_id_in(token))
    _refuse_forged(REQUEST, token, found.link_version)
    return found


def _token(purpose: str, public_id: str, link_version: int) -> str:
    return public_id + keyring().mac(purpose, f"{public_id}:{link_version}")


def _id_in(token: str) -> str:
    if not (token.isascii() and token.isprintable()):
        raise NotFound
    return token[:ID_LENGTH]


def _refuse_forged(purpose: str, token: str, link_version: int) -> None:
    public_id, mac = token[:ID_LENGTH], token[ID_LENGTH:]
    if not keyring().proves(purpose, f"{public_id}:{link_version}", mac):
        raise NotFound
