"""Analyses, orders and money as values ready to print."""
