"""Questionnaires and their versions, what was asked of whom, answers, and the ways to a form."""

from clinic.intake.models.links import FormLink, FormSession, KeptPage
from clinic.intake.models.policy import ClinicalPolicyRow
from clinic.intake.models.questionnaires import Questionnaire, QuestionnaireVersion
from clinic.intake.models.responses import (
    FormAssignment,
    Response,
    ResponseChange,
    ResponseVersion,
)
from clinic.intake.models.safety import (
    OpenSafetyEvent,
    OpenSign,
    SafetyEvent,
    SafetyStep,
    ScreenedPatient,
    Screening,
)
from clinic.intake.models.signatures import Signature

__all__ = [
    "ClinicalPolicyRow",
    "FormAssignment",
    "FormLink",
    "FormSession",
    "KeptPage",
    "OpenSafetyEvent",
    "OpenSign",
    "Questionnaire",
    "QuestionnaireVersion",
    "Response",
    "ResponseChange",
    "ResponseVersion",
    "SafetyEvent",
    "SafetyStep",
    "ScreenedPatient",
    "Screening",
    "Signature",
]
