"""The front desk's routes, named for the slice."""

from flask import Blueprint

from clinic.core.values import Role

DESK = (Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN, Role.GAIT_LAB)
"""Those who run the day."""

blueprint = Blueprint("desk", __name__)
