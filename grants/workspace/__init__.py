"""Where people arrive and work from: what waits for them, over everything that the rooms below know."""
