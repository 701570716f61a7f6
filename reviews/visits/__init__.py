"""Visits: dated reports of who looked at the work, frozen once handed in; evidence for C12."""
