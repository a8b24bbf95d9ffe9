"""Questionnaires, responses, the safety screen."""
