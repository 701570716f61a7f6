"""Plays campaigns through the real actions and the ledger, in a database of its own."""
