"""The clinic as a file: what a file may say, read and written without a database."""
