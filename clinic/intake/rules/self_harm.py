"""Questions about self-harm are asked only where the answer is heard at once (RF-10). Pure."""

from clinic.intake.rules.alarms import Level
from clinic.intake.rules.form import Form
from clinic.intake.rules.safety import RuleSet

ITEM_9 = "44260-8"
"""LOINC: thoughts of being better off dead, or of hurting oneself, in the PHQ-9."""


def asks_about_self_harm(*, form: Form) -> bool:
    """Whether the form has the ninth question of the PHQ-9, known by its code."""
    return any(
        isinstance(coding, dict) and coding.get("code") == ITEM_9
        for item in form.items
        for coding in item.raw.get("code") or ()
    )


def has_way_out(*, form: Form, rules: RuleSet) -> bool:
    """Whether the rules answer such a question with an emergency, or the form asks none."""
    if not asks_about_self_harm(form=form):
        return True
    return any(
        rule.level == Level.EMERGENCY and f"code:{ITEM_9}" in rule.questions for rule in rules.rules
    )
