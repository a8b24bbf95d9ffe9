"""Forms on both engines."""
