"""What scheduling can be asked."""
