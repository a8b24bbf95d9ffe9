"""What the payment service calls."""

from clinic.payments.views.webhook import blueprint

__all__ = ["blueprint"]
