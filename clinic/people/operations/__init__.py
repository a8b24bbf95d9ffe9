"""What changes people's records: patients, staff, sessions and tokens."""

from clinic.people.operations.patients import find_or_add_patient
from clinic.people.operations.sign_in import SignInFailed, recognise, sign_in, sign_out
from clinic.people.operations.staff import (
    LINK_LASTS,
    LinkGone,
    StaffExists,
    choose_password,
    create_staff,
    new_setup_link,
)
from clinic.people.operations.tokens import TokenNameTaken, create_token, revoke_tokens
from clinic.people.operations.upkeep import remove_stale_sessions

__all__ = [
    "LINK_LASTS",
    "LinkGone",
    "SignInFailed",
    "StaffExists",
    "TokenNameTaken",
    "choose_password",
    "create_staff",
    "create_token",
    "find_or_add_patient",
    "new_setup_link",
    "recognise",
    "remove_stale_sessions",
    "revoke_tokens",
    "sign_in",
    "sign_out",
]
