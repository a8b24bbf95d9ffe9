"""Stand-ins for the outside world, for demos and tests; production starts none of them."""
