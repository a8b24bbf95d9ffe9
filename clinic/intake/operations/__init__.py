"""What is done with forms and answers."""
