"""The desk's pages of messages, and what the text service tells us."""

from clinic.messaging.views import kinds, outbox
from clinic.messaging.views.blueprint import blueprint
from clinic.messaging.views.outbox import PAGE, ROLES

__all__ = ["PAGE", "ROLES", "blueprint", "kinds", "outbox"]
