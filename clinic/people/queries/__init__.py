"""Reads about patients, staff, sessions and tokens."""

from clinic.people.queries.accounts import (
    Account,
    find_account,
    find_account_of_link,
    find_actor_of_token,
)
from clinic.people.queries.patients import (
    SAME,
    find_same_and_similar,
    find_same_patient,
    get_patient,
    list_suggestions,
)
from clinic.people.queries.secrets import token_hash
from clinic.people.queries.sessions import IDLE, SessionRow, find_session, is_live

__all__ = [
    "IDLE",
    "SAME",
    "Account",
    "SessionRow",
    "find_account",
    "find_account_of_link",
    "find_actor_of_token",
    "find_same_and_similar",
    "find_same_patient",
    "find_session",
    "get_patient",
    "is_live",
    "list_suggestions",
    "token_hash",
]
