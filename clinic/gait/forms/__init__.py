"""What buyers and staff type about analyses and orders."""
