"""Names against sanctions lists: lists, candidates, a person's decision on each."""
