"""What is sold and how it is told; pure."""
