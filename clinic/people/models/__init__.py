"""The tables of people."""

from clinic.people.models.merges import (
    PatientMerge,
    belongs_to_patient,
)
from clinic.people.models.patients import (
    ContactChoice,
    Guardian,
    OwnConsent,
    Patient,
    PatientNote,
    PatientSearchKey,
    PatientSuggestion,
)
from clinic.people.models.staff import (
    ApiToken,
    PendingSignIn,
    RecoveryCode,
    ResetRequest,
    SecondFactor,
    SetupLink,
    Staff,
    StaffSession,
)

__all__ = [
    "ApiToken",
    "ContactChoice",
    "Guardian",
    "OwnConsent",
    "Patient",
    "PatientMerge",
    "PatientNote",
    "PatientSearchKey",
    "PatientSuggestion",
    "PendingSignIn",
    "RecoveryCode",
    "ResetRequest",
    "SecondFactor",
    "SetupLink",
    "Staff",
    "StaffSession",
    "belongs_to_patient",
]
