"""Patients' own pages: signing in by code, their family, their visits, their data."""
