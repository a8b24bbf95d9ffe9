"""What is done about products and the visits that were bought."""
