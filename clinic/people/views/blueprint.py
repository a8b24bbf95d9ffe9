"""The blueprint that the modules of this slice hang their views on."""

from flask import Blueprint

blueprint = Blueprint("people", __name__)
