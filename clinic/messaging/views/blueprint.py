"""The routes of messages, named for the slice."""

from flask import Blueprint

blueprint = Blueprint("messaging", __name__)
