"""Tests of closed places."""
