"""Codes as people type them. Pure."""
