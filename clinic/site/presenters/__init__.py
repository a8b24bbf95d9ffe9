"""What the public pages print."""
