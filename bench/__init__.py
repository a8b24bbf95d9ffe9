"""`make bench`: how fast the product is, against floors measured in the same run."""
