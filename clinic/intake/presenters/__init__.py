"""Forms and answers, ready to print."""
