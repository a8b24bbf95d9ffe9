"""The blueprint of what is sold and what was bought."""

from flask import Blueprint

blueprint = Blueprint("gait", __name__)
