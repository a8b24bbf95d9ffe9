"""What a clinic decides about danger and patterns, in the `[policy]` of its file. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClinicalPolicy:
    """``escalation_minutes`` after an emergency that nobody took on more people are written to.

    ``patterns_to_consider``: whether clinicians see them. Safety rules have no such switch.
    """

    escalation_minutes: int = 15
    patterns_to_consider: bool = True
