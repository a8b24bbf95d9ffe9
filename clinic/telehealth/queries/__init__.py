"""Reads of the video visit."""
