"""Reads about patients, staff, sessions and tokens."""

from clinic.people.queries.accounts import (
    Account,
    find_account,
    find_account_of_link,
    find_actor_of_token,
    get_account,
)
from clinic.people.queries.consents import (
    decides_alone,
    has_own_consent,
    list_patients_named,
    may_decide_alone,
)
from clinic.people.queries.factors import (
    Waiting,
    count_recovery_codes,
    find_begun_factor,
    find_factor,
    find_waiting,
)
from clinic.people.queries.families import leave_out_family
from clinic.people.queries.guardians import list_addresses
from clinic.people.queries.patients import (
    SAME,
    find_former_guardians,
    find_same_and_similar,
    find_same_patient,
    get_patient,
    is_former_guardians,
)
from clinic.people.queries.searching import FoundPatient, list_found, search_patients
from clinic.people.queries.secrets import token_hash
from clinic.people.queries.sessions import (
    IDLE,
    SessionRow,
    SessionSeen,
    find_session,
    is_live,
    list_sessions,
)
from clinic.people.queries.staff import StaffMember, get_staff, list_staff

__all__ = [
    "IDLE",
    "SAME",
    "Account",
    "FoundPatient",
    "SessionRow",
    "SessionSeen",
    "StaffMember",
    "Waiting",
    "count_recovery_codes",
    "decides_alone",
    "find_account",
    "find_account_of_link",
    "find_actor_of_token",
    "find_begun_factor",
    "find_factor",
    "find_former_guardians",
    "find_same_and_similar",
    "find_same_patient",
    "find_session",
    "find_waiting",
    "get_account",
    "get_patient",
    "get_staff",
    "has_own_consent",
    "is_former_guardians",
    "is_live",
    "leave_out_family",
    "list_addresses",
    "list_found",
    "list_patients_named",
    "list_sessions",
    "list_staff",
    "may_decide_alone",
    "search_patients",
    "token_hash",
]
