"""Reads about forms and answers."""
