"""What visitors and patients choose and type."""
