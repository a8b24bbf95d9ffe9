"""How people prove who they are, and who works here: one blueprint, a module for each matter."""

from clinic.people.views import (
    account,
    forgotten,
    second_factor,
    second_step,
    set_up,
    sign_in,
    staff,
)
from clinic.people.views.blueprint import blueprint

__all__ = [
    "account",
    "blueprint",
    "forgotten",
    "second_factor",
    "second_step",
    "set_up",
    "sign_in",
    "staff",
]
