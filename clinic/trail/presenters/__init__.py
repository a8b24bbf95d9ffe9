"""Entries of the trail, ready to print and ready to leave as files."""
