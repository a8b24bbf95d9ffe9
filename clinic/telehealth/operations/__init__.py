"""Writes of the video visit."""
