"""Commands for those who build the product; nothing here runs in it."""
