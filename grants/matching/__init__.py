"""The rule of the match by itself: what can happen to it, what a gift earns, and a whole campaign in memory."""
