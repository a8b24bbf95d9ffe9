"""What the public site decides without asking anybody. Pure."""
