"""Where the site's routes hang."""

from flask import Blueprint

blueprint = Blueprint("site", __name__)
