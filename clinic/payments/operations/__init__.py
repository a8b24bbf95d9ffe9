"""What is done with orders and money: one function, one use case, one transaction."""
