"""Scoring a made-up application first, and comparing with reference scores. Nothing of it counts anywhere."""
