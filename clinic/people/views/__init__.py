"""How people prove who they are: one blueprint, a module for each matter."""

from clinic.people.views import set_up, sign_in
from clinic.people.views.blueprint import blueprint

__all__ = ["blueprint", "set_up", "sign_in"]
