"""The desk, ready to print."""
