"""The passport: a partner's vault to take along, as one ZIP that any funder can read and check."""
