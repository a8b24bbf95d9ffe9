"""The outbox: what the clinic writes to people, posted with the deed and sent by the worker."""
