"""A plainly fictitious clinic with people and visits, so that nobody begins with empty pages."""
