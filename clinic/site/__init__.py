"""The public face: the home page, and what every page says of the clinic."""
