"""The blueprint that the portal's views share."""

from flask import Blueprint

blueprint = Blueprint("portal", __name__)

HOME = "/portal"
