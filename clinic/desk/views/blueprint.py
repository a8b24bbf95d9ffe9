"""The front desk's routes, named for the slice."""

from flask import Blueprint, request

from clinic.core.values import Role

DESK = (Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN, Role.GAIT_LAB)
"""Those who run the day."""
CASHIERS = (Role.ADMIN, Role.FRONT_DESK)
"""Those who take money, and count it."""

blueprint = Blueprint("desk", __name__)


def wants_fragment() -> bool:
    """Whether a script of ours asks, which shows a refusal in its own page; a form gets a page."""
    return request.headers.get("X-Wants") == "fragment"
