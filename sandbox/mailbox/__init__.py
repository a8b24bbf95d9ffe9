"""A mail server that delivers to nobody, and a page that shows what it was given."""
