"""Texts of the JSON API read without any wording: JSON, instants, cursors."""
