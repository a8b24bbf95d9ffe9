"""What holds for orders and money; pure."""
