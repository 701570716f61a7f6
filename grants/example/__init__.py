"""The LIFT example: its people and papers, and the walk that takes one grant through every hand."""
