"""Patients' own pages, ready to print."""
