"""Reads for the public site: its texts, and who is free when."""
