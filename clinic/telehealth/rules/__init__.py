"""Pure rules of the video visit."""
