"""Conflicts, scores, moderation, the panel result and the recommendation."""
