"""What scheduling does: one function, one use case, one transaction."""
