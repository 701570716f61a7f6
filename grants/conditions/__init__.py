"""Conditions from vetting that bind: what a grant, a payment or a report waits for until it is met or waived."""
