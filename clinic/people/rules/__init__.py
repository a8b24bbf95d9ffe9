"""Who a patient is and what a password must be. Pure."""
