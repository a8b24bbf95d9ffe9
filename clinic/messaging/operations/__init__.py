"""What happens to messages: posted with a deed, taken and settled by the worker, sent again."""

from clinic.messaging.operations.posting import address_mac, post_message

__all__ = ["address_mac", "post_message"]
