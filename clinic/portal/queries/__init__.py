"""Reads for patients' own pages."""
