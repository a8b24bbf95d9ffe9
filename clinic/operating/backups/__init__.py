"""Backups: the whole clinic as files that either engine reads, and back into an empty database."""
