"""What patients type into forms."""
