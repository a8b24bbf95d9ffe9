"""Orders and money, read."""
