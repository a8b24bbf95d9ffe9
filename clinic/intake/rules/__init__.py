"""What is true of forms and answers. Pure."""
