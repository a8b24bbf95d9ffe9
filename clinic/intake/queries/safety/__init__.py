"""Reads about safety events: the queue, one event's story, and what saves and bookings ask."""
