"""Scheduling's operations against real databases."""
