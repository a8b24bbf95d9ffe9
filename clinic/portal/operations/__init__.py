"""What patients do on their own pages."""
