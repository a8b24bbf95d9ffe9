"""Booking and visits, ready to print."""
