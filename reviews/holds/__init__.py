"""Holds: counsel's checklist, the release by two people, and the messages that wait meanwhile."""
