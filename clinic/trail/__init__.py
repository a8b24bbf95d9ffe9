"""The audit trail as a person reads it: who did or saw what, when, and through which session."""
