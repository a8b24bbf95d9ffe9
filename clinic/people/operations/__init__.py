"""What changes people's records: patients, staff, sessions and tokens."""

from clinic.people.operations.links import (
    LINK_LASTS,
    RESET_LASTS,
    LinkGone,
    answer_resets,
    ask_reset,
    new_setup_link,
    send_setup_link,
)
from clinic.people.operations.passwords import change_password, choose_password
from clinic.people.operations.patients import find_or_add_patient
from clinic.people.operations.registering import register_patient
from clinic.people.operations.second_factor import (
    Enrolled,
    NothingBegun,
    SecondFactorDemanded,
    begin_second_factor,
    confirm_second_factor,
    renew_recovery_codes,
    reset_second_factor,
    switch_off_second_factor,
)
from clinic.people.operations.sessions import (
    WrongPassword,
    end_other_sessions,
    end_own_session,
    prove_again,
    recognise,
    sign_out,
)
from clinic.people.operations.sign_in import (
    Admission,
    CodeRefused,
    SignInFailed,
    SignInOver,
    finish_sign_in,
    sign_in,
)
from clinic.people.operations.staff import (
    Hired,
    LastManager,
    StaffExists,
    change_role,
    create_staff,
    disable_staff,
    enable_staff,
    end_sessions_of,
    invite_staff,
)
from clinic.people.operations.tokens import create_token, revoke_tokens
from clinic.people.operations.upkeep import remove_stale_sessions

__all__ = [
    "LINK_LASTS",
    "RESET_LASTS",
    "Admission",
    "CodeRefused",
    "Enrolled",
    "Hired",
    "LastManager",
    "LinkGone",
    "NothingBegun",
    "SecondFactorDemanded",
    "SignInFailed",
    "SignInOver",
    "StaffExists",
    "WrongPassword",
    "answer_resets",
    "ask_reset",
    "begin_second_factor",
    "change_password",
    "change_role",
    "choose_password",
    "confirm_second_factor",
    "create_staff",
    "create_token",
    "disable_staff",
    "enable_staff",
    "end_other_sessions",
    "end_own_session",
    "end_sessions_of",
    "find_or_add_patient",
    "finish_sign_in",
    "invite_staff",
    "new_setup_link",
    "prove_again",
    "recognise",
    "register_patient",
    "remove_stale_sessions",
    "renew_recovery_codes",
    "reset_second_factor",
    "revoke_tokens",
    "send_setup_link",
    "sign_in",
    "sign_out",
    "switch_off_second_factor",
]
