"""What staff ask for and type at the desk."""
