"""Patients' own pages, and how they prove who they are."""
