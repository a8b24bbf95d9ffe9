"""Patterns to consider, where the clinic has not switched them off."""

from datetime import date

from clinic.intake.library import pattern_rules, safety_rules
from clinic.intake.queries.policy import get_clinical_policy
from clinic.intake.rules.parties import age_on
from clinic.intake.rules.patterns import Listing, list_patterns
from clinic.intake.rules.safety import fired_rules
from clinic.intake.rules.state import State


def list_for_state(*, state: State, birth_date: date, day: date) -> tuple[Listing, ...] | None:
    """The patterns that these answers call for, best supported first; None where they are off."""
    if not get_clinical_policy().patterns_to_consider:
        return None
    age = age_on(birth_date=birth_date, day=day)
    fired = fired_rules(rules=safety_rules(), state=state, age=age)
    return list_patterns(patterns=pattern_rules(), state=state, age=age, fired=fired)
