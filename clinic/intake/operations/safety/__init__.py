"""Safety events, from the save that raises one to the note that closes it (RF-01 to RF-10)."""
