"""What happens to messages: posted with a deed, taken and settled by the worker, sent again."""

from clinic.messaging.operations.posting import post_message
from clinic.messaging.operations.taking_back import take_back
from clinic.messaging.queries import address_mac

__all__ = ["address_mac", "post_message", "take_back"]
