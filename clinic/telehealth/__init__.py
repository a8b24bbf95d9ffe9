"""The video visit: its page behind link and birth date, who waits there, and where it leads."""
