"""What the JSON API answers with, as plain values."""
