"""Numbered amendments of a grant in force, and the history of a grant as one line."""
