"""The blueprint that the modules of the API hang their views on."""

from flask import Blueprint

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
