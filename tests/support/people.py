"""Fixtures of people: a funder and one user of each role."""
