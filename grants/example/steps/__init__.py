"""The steps of the walk, by who takes them."""
