"""Products, and the visits behind their orders."""
