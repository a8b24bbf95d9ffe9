"""The pages on which a visit is booked, and a visit's own page."""
