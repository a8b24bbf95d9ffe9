"""Orders and money: what is owed, what came in, what went back, and what a person must look at."""
