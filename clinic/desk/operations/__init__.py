"""What the desk does in one go that other parts do in steps."""
